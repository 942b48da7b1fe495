// What does the export tell of the experiments in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .namespace, .name, .experiment_id, .lifecycle_stage, .artifact_location, .workspace,
  .description, .tags}) AS rows
