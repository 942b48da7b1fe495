// Which deployments do these model versions feed, or did they feed?
// mode: read
// params: keys
// returns: deployments
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[e:FEEDS|FED]->(d:Deployment)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, d.key, type(e)]) AS deployments
