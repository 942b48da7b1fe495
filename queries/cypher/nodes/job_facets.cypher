// Which facets do these jobs have now?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (:Job {key: k})-[:HAS_FACET]->(f:Facet)
RETURN collect(f {.key, .entity, .name, .event, .deleted}) AS nodes
