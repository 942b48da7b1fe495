// Give these fields to their datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.key})
MATCH (b:Dataset {key: r.dataset})
MERGE (a)<-[:HAS_FIELD]-(b)
