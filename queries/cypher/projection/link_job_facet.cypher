// Give these facets to their jobs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Facet {key: r.key})
MATCH (b:Job {key: r.entity})
MERGE (a)<-[:HAS_FACET]-(b)
