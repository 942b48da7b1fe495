// In which experiments were these runs?
// mode: read
// params: keys
// returns: experiments
UNWIND $keys AS k
MATCH (here:Run {key: k})-[:IN_EXPERIMENT]->(e:Experiment)
USING INDEX SEEK here:Run(key)
RETURN collect([k, e.key, e.namespace, e.name]) AS experiments
