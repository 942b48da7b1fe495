// Which CHECK_OF edges set out from the checks in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Check)
USING INDEX SEEK n:Check(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:CHECK_OF]->(m:Dataset)
RETURN collect({source: n.key, target: m.key}) AS rows
