// Say who owns these datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.key})
USING INDEX SEEK a:Dataset(key)
MATCH (b:Person {key: r.person})
USING INDEX SEEK b:Person(key)
MERGE (a)-[e:OWNED_BY]->(b)
SET e.type = r.type
