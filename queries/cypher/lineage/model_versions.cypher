// Under which canonical names are there versions of a registered model?
// mode: read
// params: key
// returns: keys
MATCH (here:Model {key: $key})<-[:VERSION_OF]-(d:Dataset)
USING INDEX SEEK here:Model(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS keys
