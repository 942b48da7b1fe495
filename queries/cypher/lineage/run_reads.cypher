// Under which canonical names did a run read datasets?
// mode: read
// params: key
// returns: keys
MATCH (:Run {key: $key})-[:READ]->(d:Dataset)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
