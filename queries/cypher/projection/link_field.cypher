// Give these fields to their datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.key})
USING INDEX SEEK a:Field(key)
MATCH (b:Dataset {key: r.dataset})
USING INDEX SEEK b:Dataset(key)
MERGE (a)<-[:HAS_FIELD]-(b)
