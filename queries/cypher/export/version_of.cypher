// Which VERSION_OF edges set out from the datasets in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:VERSION_OF]->(m:Model)
RETURN collect({source: n.key, target: m.key}) AS rows
