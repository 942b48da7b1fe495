// Say what these checks checked.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Check {key: r.key})
MATCH (b:Dataset {key: r.dataset})
MERGE (a)-[:CHECK_OF]->(b)
