// Which links leave these datasets to jobs, and these jobs to datasets, now?
// why: these edges stand on the names that were sent, and a walk goes over canonical ones (rule D5).
// mode: read
// params: keys
// returns: links
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, j.key]) AS links
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)-[:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, j.key]) AS links
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS {current: true}]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT [k, coalesce(c.key, d.key)]) AS links
