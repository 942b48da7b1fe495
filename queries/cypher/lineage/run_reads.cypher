// Under which canonical names did a run read datasets?
// mode: read
// params: key
// returns: keys
MATCH (here:Run {key: $key})-[:READ]->(d:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
