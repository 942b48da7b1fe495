// Put these jobs into their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Job {key: r.key})
MATCH (b:Job {key: r.parent})
MERGE (a)-[:PART_OF]->(b)
