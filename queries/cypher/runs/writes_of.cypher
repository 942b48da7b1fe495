// What did these runs write, under canonical names, since when, where they go on writing, and what came of it?
// mode: read
// params: keys
// returns: acts
UNWIND $keys AS k
MATCH (here:Run {key: k})-[r:WROTE]->(d:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect([k, coalesce(c.key, d.key), r.at, r.version, r.began_at, r.outcome,
  here.job, here.parent, here.started_at]) AS acts
