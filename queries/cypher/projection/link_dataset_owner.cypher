// Say who owns these datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.key})
MATCH (b:Person {key: r.person})
MERGE (a)-[e:OWNED_BY]->(b)
SET e.type = r.type
