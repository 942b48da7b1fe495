// Give these facets to their jobs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Facet {key: r.key})
USING INDEX SEEK a:Facet(key)
MATCH (b:Job {key: r.entity})
USING INDEX SEEK b:Job(key)
MERGE (a)<-[:HAS_FACET]-(b)
