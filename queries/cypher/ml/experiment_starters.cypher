// Who started these experiments, by which evidence, and when?
// mode: read
// params: keys
// returns: starters
UNWIND $keys AS k
MATCH (here:Experiment {key: k})-[s:STARTED_BY]->(p:Person)
USING INDEX SEEK here:Experiment(key)
RETURN collect([k, p.key, p.name, s.evidence, s.at]) AS starters
