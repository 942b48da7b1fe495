// Between which ends do edges enter these datasets, at any time? Cheap candidates for edges_in.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:FEEDS|FED]-(a)
USING INDEX SEEK here:Dataset(key)
RETURN collect([a.key, k]) AS pairs
