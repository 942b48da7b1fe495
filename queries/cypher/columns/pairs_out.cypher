// Between which ends do column edges leave these fields, at any time? Cheap candidates for edges_out.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (:Field {key: k})-[:FEEDS_FIELD|FED_FIELD]->(b)
RETURN collect([k, b.key]) AS pairs
