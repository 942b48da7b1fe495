// Which runs read these datasets and wrote a model?
// mode: read
// params: keys, limit
// returns: runs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:READ]-(r:Run)-[:WROTE]->(m:Dataset)
USING INDEX SEEK here:Dataset(key)
WHERE m.kind = 'LOGGED_MODEL' OR m.kind = 'MODEL_VERSION'
WITH r LIMIT $limit
RETURN collect(DISTINCT r.key) AS runs
