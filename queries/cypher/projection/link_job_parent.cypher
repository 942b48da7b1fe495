// Put these jobs into their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Job {key: r.key})
USING INDEX SEEK a:Job(key)
MATCH (b:Job {key: r.parent})
USING INDEX SEEK b:Job(key)
MERGE (a)-[:PART_OF]->(b)
