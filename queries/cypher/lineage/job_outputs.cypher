// Under which canonical names does a job output now?
// mode: read
// params: key
// returns: keys
MATCH (:Job {key: $key})-[:OUTPUTS {current: true}]->(d:Dataset)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
