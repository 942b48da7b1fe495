// Give these facets to their datasets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Facet {key: r.key})
USING INDEX SEEK a:Facet(key)
MATCH (b:Dataset {key: r.entity})
USING INDEX SEEK b:Dataset(key)
MERGE (a)<-[:HAS_FACET]-(b)
