// Which datasets feed a deployment now?
// mode: read
// params: key
// returns: keys
MATCH (here:Deployment {key: $key})<-[:FEEDS]-(d:Dataset)
USING INDEX SEEK here:Deployment(key)
RETURN collect(DISTINCT d.key) AS keys
