// Which features did these runs fetch or use, and is that certain?
// mode: read
// params: keys
// returns: features
UNWIND $keys AS k
MATCH (here:Run {key: k})-[u:USED_FEATURE]->(f:Field)
USING INDEX SEEK here:Run(key)
RETURN collect([k, f.key, f.dataset, f.path, u.mode, u.certain]) AS features
