// Between which ends do column edges leave these fields, at any time? Cheap candidates for edges_out.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (here:Field {key: k})-[:FEEDS_FIELD|FED_FIELD]->(b)
USING INDEX SEEK here:Field(key)
RETURN collect([k, b.key]) AS pairs
