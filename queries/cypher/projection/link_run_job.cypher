// Say whose runs these are.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.key})
USING INDEX SEEK a:Run(key)
MATCH (b:Job {key: r.job})
USING INDEX SEEK b:Job(key)
MERGE (a)-[:RUN_OF]->(b)
