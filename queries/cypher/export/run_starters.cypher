// Which STARTED_BY edges set out from the runs in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Run)
USING INDEX SEEK n:Run(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[r:STARTED_BY]->(m:Person)
RETURN collect({source: n.key, target: m.key, evidence: r.evidence, at: r.at}) AS rows
