// Under which canonical names does a job output now?
// mode: read
// params: key
// returns: keys
MATCH (here:Job {key: $key})-[:OUTPUTS {current: true}]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
