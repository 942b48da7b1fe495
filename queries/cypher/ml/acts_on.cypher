// What was decided about these model versions, and by whom?
// mode: read
// params: keys
// returns: acts
UNWIND $keys AS k
MATCH (d:Dataset {key: k})<-[:APPROVES]-(a:Approval)
USING INDEX SEEK d:Dataset(key)
OPTIONAL MATCH (a)-[:DECIDED_BY]->(p:Person)
RETURN collect(a {.key, .decision, .at, .reason, by: p.name, dataset: k}) AS acts
