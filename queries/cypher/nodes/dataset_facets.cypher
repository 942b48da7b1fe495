// Which facets do these datasets have now?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (:Dataset {key: k})-[:HAS_FACET]->(f:Facet)
RETURN collect(f {.key, .entity, .name, .event, .deleted}) AS nodes
