// What did these runs read, under canonical names, and until when, where they go on reading?
// mode: read
// params: keys
// returns: acts
UNWIND $keys AS k
MATCH (here:Run {key: k})-[r:READ]->(d:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect([k, coalesce(c.key, d.key), r.at, r.version, r.until]) AS acts
