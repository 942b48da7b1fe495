// Which runs fetched or used these features?
// mode: read
// params: keys, limit
// returns: runs
UNWIND $keys AS k
MATCH (here:Field {key: k})<-[:USED_FEATURE]-(r:Run)
USING INDEX SEEK here:Field(key)
WITH r LIMIT $limit
RETURN collect(DISTINCT r.key) AS runs
