// What is known of these deployments?
// mode: read
// params: keys
// returns: deployments
UNWIND $keys AS k
MATCH (here:Deployment {key: k})
USING INDEX SEEK here:Deployment(key)
RETURN collect(here {.key, .namespace, .name, .job, .state, .environment, .platform, .endpoint}) AS deployments
