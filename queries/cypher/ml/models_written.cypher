// Which models did these runs write, and which versions were made of them?
// mode: read
// params: keys
// returns: models
UNWIND $keys AS k
MATCH (here:Run {key: k})-[:WROTE]->(m:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (m)-[:FEEDS|FED]->(v:Dataset {kind: 'MODEL_VERSION'})
RETURN collect(DISTINCT [k, m.key, m.kind, m.model, v.key, v.model]) AS models
