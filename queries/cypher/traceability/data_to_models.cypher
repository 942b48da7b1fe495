// What lies between datasets, features, experiments and models, from one dataset that feeds a feature view? Its key is given.
// mode: read
// params: dataset
// returns: dataset, feature, experiment, run, version, deployment
MATCH (d:Dataset {key: $dataset})-[:FEEDS|FED]->(view:Dataset)-[:HAS_FIELD]->(f:Field)<-[:USED_FEATURE]-(r:Run)
USING INDEX SEEK d:Dataset(key)
OPTIONAL MATCH (r)-[:IN_EXPERIMENT]->(e:Experiment)
OPTIONAL MATCH (r)-[:WROTE]->(m:Dataset)-[:FEEDS|FED]->(v:Dataset {kind: 'MODEL_VERSION'})
OPTIONAL MATCH (v)-[:FEEDS]->(serving:Deployment)
RETURN DISTINCT d.key AS dataset, f.key AS feature, e.key AS experiment, r.key AS run, v.key AS version,
  serving.key AS deployment
ORDER BY feature, run, version, deployment
