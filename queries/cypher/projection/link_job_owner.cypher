// Say who owns these jobs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Job {key: r.key})
USING INDEX SEEK a:Job(key)
MATCH (b:Person {key: r.person})
USING INDEX SEEK b:Person(key)
MERGE (a)-[e:OWNED_BY]->(b)
SET e.type = r.type
