// Who started these runs, and how is that known?
// mode: read
// params: keys
// returns: starters
UNWIND $keys AS k
MATCH (here:Run {key: k})-[r:STARTED_BY]->(p:Person)
USING INDEX SEEK here:Run(key)
RETURN collect({subject: k, person: p.key, evidence: r.evidence, at: r.at}) AS starters
