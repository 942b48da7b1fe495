// Which SHAPES edges set out from the fields in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Field)
USING INDEX SEEK n:Field(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[r:SHAPES]->(m)
RETURN collect({source: n.key, target: m.key, job: r.job, types: r.types, subtypes: r.subtypes, maskings: r.maskings,
  valid_from: r.valid_from, valid_to: r.valid_to, last_at: r.last_at, earlier: r.earlier}) AS rows
