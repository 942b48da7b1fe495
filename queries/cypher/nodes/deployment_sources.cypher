// Which datasets feed these deployments now?
// mode: read
// params: keys
// returns: sources
UNWIND $keys AS k
MATCH (here:Deployment {key: k})<-[:FEEDS]-(d:Dataset)
USING INDEX SEEK here:Deployment(key)
RETURN collect(DISTINCT [k, d.key]) AS sources
