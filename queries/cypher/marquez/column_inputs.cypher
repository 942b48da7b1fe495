// Which fields do the fields of these datasets come from now? Each as [dataset, path, dataset of the source, its path].
// mode: read
// params: keys
// returns: inputs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:HAS_FIELD]->(t:Field)<-[:FEEDS_FIELD]-(s:Field)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, t.path, s.dataset, s.path]) AS inputs
