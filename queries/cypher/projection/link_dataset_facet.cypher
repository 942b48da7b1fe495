// Give these facets to their datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Facet {key: r.key})
MATCH (b:Dataset {key: r.entity})
MERGE (a)<-[:HAS_FACET]-(b)
