// Say who made these decisions.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Approval {key: r.key})
USING INDEX SEEK a:Approval(key)
MATCH (b:Person {key: r.person})
USING INDEX SEEK b:Person(key)
MERGE (a)-[:DECIDED_BY]->(b)
