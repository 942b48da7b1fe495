// Under which canonical names did a run write datasets?
// mode: read
// params: key
// returns: keys
MATCH (here:Run {key: $key})-[:WROTE]->(d:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
