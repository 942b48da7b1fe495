// What are these facets of datasets and jobs, their bodies left aside?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (f:Facet {key: k})
USING INDEX SEEK f:Facet(key)
RETURN collect(f {.key, .entity, .name, .event, .deleted}) AS nodes
