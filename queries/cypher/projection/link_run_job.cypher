// Say whose runs these are.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.key})
MATCH (b:Job {key: r.job})
MERGE (a)-[:RUN_OF]->(b)
