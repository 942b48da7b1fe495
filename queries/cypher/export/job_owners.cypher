// Which OWNED_BY edges set out from the jobs in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Job)
USING INDEX SEEK n:Job(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:OWNED_BY]->(m:Person)
RETURN collect({source: n.key, target: m.key}) AS rows
