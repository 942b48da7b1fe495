// Under which canonical names does a job take inputs now?
// mode: read
// params: key
// returns: keys
MATCH (here:Job {key: $key})<-[:INPUT_TO {current: true}]-(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
