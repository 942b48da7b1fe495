// What do these facets say, as JSON text?
// mode: read
// params: keys
// returns: bodies
UNWIND $keys AS k
MATCH (f:Facet {key: k})
USING INDEX SEEK f:Facet(key)
RETURN collect([k, f.body]) AS bodies
