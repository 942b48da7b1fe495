// Say about which datasets these decisions are.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Approval {key: r.key})
USING INDEX SEEK a:Approval(key)
MATCH (b:Dataset {key: r.dataset})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[:APPROVES]->(b)
