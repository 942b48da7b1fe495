// Which jobs read these datasets now, and which datasets do these jobs output, each with its kind?
// why: these edges stand on the names that were sent, and a walk goes over canonical ones (rule D5).
// mode: read
// params: keys
// returns: reached, pairs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:INPUT_TO {current: true}]->(t:Job)
USING INDEX SEEK here:Dataset(key)
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, 'JOB']) AS reached, sum(ways) AS pairs
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)-[:INPUT_TO {current: true}]->(t:Job)
USING INDEX SEEK here:Dataset(key)
WHERE NOT EXISTS { (here)-[:INPUT_TO {current: true}]->(t) }
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, 'JOB']) AS reached, sum(ways) AS pairs
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS {current: true}]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
WITH DISTINCT k, coalesce(c, d) AS t
WITH t, count(*) AS ways
RETURN collect([t.key, t.kind]) AS reached, sum(ways) AS pairs
