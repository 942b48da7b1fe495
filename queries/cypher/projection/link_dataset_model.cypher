// Say of which registered model these datasets are versions.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.key})
USING INDEX SEEK a:Dataset(key)
MATCH (b:Model {key: r.model})
USING INDEX SEEK b:Model(key)
MERGE (a)-[:VERSION_OF]->(b)
