// Which IN_EXPERIMENT edges set out from the runs in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Run)
USING INDEX SEEK n:Run(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:IN_EXPERIMENT]->(m:Experiment)
RETURN collect({source: n.key, target: m.key}) AS rows
