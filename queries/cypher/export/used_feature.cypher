// Which USED_FEATURE edges set out from the runs in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Run)
USING INDEX SEEK n:Run(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[r:USED_FEATURE]->(m:Field)
RETURN collect({source: n.key, target: m.key, mode: r.mode, certain: r.certain}) AS rows
