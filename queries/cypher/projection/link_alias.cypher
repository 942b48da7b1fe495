// Link these names to the one that speaks for their group.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.key})
USING INDEX SEEK a:Dataset(key)
MATCH (b:Dataset {key: r.canonical})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[:ALIAS_OF]->(b)
