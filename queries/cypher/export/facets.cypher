// What does the export tell of the facets in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Facet)
USING INDEX SEEK n:Facet(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .entity, .name, .event, .deleted, .body}) AS rows
