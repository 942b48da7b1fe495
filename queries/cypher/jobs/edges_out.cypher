// Which edges leave these datasets to jobs, and these jobs to datasets, now, and how are they known?
// why: these edges stand on the names that were sent, and a walk goes over canonical ones (rule D5).
// mode: read
// params: keys
// returns: edges
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[r:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, j.key, j.key, CASE r.evidence WHEN 'static' THEN 'DECLARED' ELSE 'EXPLICIT' END]) AS edges
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)-[r:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, j.key, j.key, CASE r.evidence WHEN 'static' THEN 'DECLARED' ELSE 'EXPLICIT' END]) AS edges
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[r:OUTPUTS {current: true}]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect([k, coalesce(c.key, d.key), k, CASE r.evidence WHEN 'static' THEN 'DECLARED' ELSE 'EXPLICIT' END]) AS edges
