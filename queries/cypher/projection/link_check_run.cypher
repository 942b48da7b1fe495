// Say which run made these checks.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Check {key: r.key})
USING INDEX SEEK a:Check(key)
MATCH (b:Run {key: r.run})
USING INDEX SEEK b:Run(key)
MERGE (a)<-[:CHECKED]-(b)
