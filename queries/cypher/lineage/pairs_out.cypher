// Between which ends do edges leave these datasets, at any time? Cheap candidates for edges_out.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:FEEDS|FED]->(b)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, b.key]) AS pairs
