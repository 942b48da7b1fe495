// Which runs fetched or used features of these views?
// mode: read
// params: keys, limit
// returns: runs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:HAS_FIELD]->(:Field)<-[:USED_FEATURE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WITH r LIMIT $limit
RETURN collect(DISTINCT r.key) AS runs
