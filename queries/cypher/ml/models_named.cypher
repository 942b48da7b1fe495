// In which namespaces is there a model of this name, and under which key?
// mode: read
// params: name
// returns: models
MATCH (m:Model {name: $name})
USING INDEX SEEK m:Model(name)
WITH m ORDER BY m.key
RETURN collect([m.key, m.namespace]) AS models
