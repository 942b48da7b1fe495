// Say what these checks checked.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Check {key: r.key})
USING INDEX SEEK a:Check(key)
MATCH (b:Dataset {key: r.dataset})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[:CHECK_OF]->(b)
