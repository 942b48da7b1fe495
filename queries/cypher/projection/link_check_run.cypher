// Say which run made these checks.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Check {key: r.key})
MATCH (b:Run {key: r.run})
MERGE (a)<-[:CHECKED]-(b)
