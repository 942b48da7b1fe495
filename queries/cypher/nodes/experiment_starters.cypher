// Who started these experiments, and how is that known?
// mode: read
// params: keys
// returns: starters
UNWIND $keys AS k
MATCH (here:Experiment {key: k})-[r:STARTED_BY]->(p:Person)
USING INDEX SEEK here:Experiment(key)
RETURN collect({subject: k, person: p.key, evidence: r.evidence, at: r.at}) AS starters
