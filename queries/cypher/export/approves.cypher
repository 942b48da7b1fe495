// Which APPROVES edges set out from the approvals in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Approval)
USING INDEX SEEK n:Approval(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:APPROVES]->(m:Dataset)
RETURN collect({source: n.key, target: m.key}) AS rows
