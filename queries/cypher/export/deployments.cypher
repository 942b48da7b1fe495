// What does the export tell of the deployments in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Deployment)
USING INDEX SEEK n:Deployment(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .namespace, .name, .job, .state, .running, .environment, .platform, .endpoint, .revision,
  .traffic_percent, .requested_alias, .image, .reason, .by, .configuration}) AS rows
