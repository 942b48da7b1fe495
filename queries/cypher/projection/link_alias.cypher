// Link these names to the one that speaks for their group.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.key})
MATCH (b:Dataset {key: r.canonical})
MERGE (a)-[:ALIAS_OF]->(b)
