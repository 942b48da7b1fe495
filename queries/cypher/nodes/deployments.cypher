// What is known of these deployments?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (n:Deployment {key: k})
USING INDEX SEEK n:Deployment(key)
RETURN collect(n {.key, .namespace, .name, .job, .state, .running, .environment, .platform, .endpoint, .revision,
  .traffic_percent, .requested_alias, .image, .reason, .by, .configuration}) AS nodes
