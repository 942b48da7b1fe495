// Which facets do these jobs have now?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:HAS_FACET]->(f:Facet)
USING INDEX SEEK here:Job(key)
RETURN collect(f {.key, .entity, .name, .event, .deleted}) AS nodes
