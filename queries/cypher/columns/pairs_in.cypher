// Between which ends do column edges enter these fields, at any time? Cheap candidates for edges_in.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (here:Field {key: k})<-[:FEEDS_FIELD|FED_FIELD]-(a)
USING INDEX SEEK here:Field(key)
RETURN collect([a.key, k]) AS pairs
