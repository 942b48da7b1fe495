// Which FEEDS edges set out from the datasets in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[r:FEEDS]->(m)
RETURN collect({source: n.key, target: m.key, job: r.job, evidence: r.evidence, valid_from: r.valid_from, valid_to: r.valid_to,
  last_at: r.last_at, earlier: r.earlier}) AS rows
