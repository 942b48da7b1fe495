// Put these runs into their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.key})
MATCH (b:Run {key: r.parent})
MERGE (a)-[:CHILD_OF]->(b)
