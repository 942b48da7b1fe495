// Who started these runs, by which evidence, and when?
// mode: read
// params: keys
// returns: starters
UNWIND $keys AS k
MATCH (here:Run {key: k})-[s:STARTED_BY]->(p:Person)
USING INDEX SEEK here:Run(key)
RETURN collect([k, p.key, p.name, s.evidence, s.at]) AS starters
