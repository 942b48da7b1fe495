// Put these runs into their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.key})
USING INDEX SEEK a:Run(key)
MATCH (b:Run {key: r.parent})
USING INDEX SEEK b:Run(key)
MERGE (a)-[:CHILD_OF]->(b)
