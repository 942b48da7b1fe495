// Which facets do these datasets have now?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:HAS_FACET]->(f:Facet)
USING INDEX SEEK here:Dataset(key)
RETURN collect(f {.key, .entity, .name, .event, .deleted}) AS nodes
