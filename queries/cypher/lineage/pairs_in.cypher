// Between which ends do edges enter these datasets, at any time? Cheap candidates for edges_in.
// mode: read
// params: keys
// returns: pairs
UNWIND $keys AS k
MATCH (:Dataset {key: k})<-[:FEEDS|FED]-(a)
RETURN collect([a.key, k]) AS pairs
