// What is known of these experiments?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (n:Experiment {key: k})
USING INDEX SEEK n:Experiment(key)
RETURN collect(n {.key, .namespace, .name, .experiment_id, .lifecycle_stage, .artifact_location, .workspace, .description,
  .tags}) AS nodes
