// Which DECIDED_BY edges set out from the approvals in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Approval)
USING INDEX SEEK n:Approval(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[:DECIDED_BY]->(m:Person)
RETURN collect({source: n.key, target: m.key}) AS rows
