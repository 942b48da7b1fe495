// Which jobs read these datasets now and output nothing, such as checks and dashboards? The first ones in order.
// why: these edges stand on the names that were sent, and a question goes over canonical ones (rule D5).
// mode: read
// params: keys, limit
// returns: consumers
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
WHERE NOT EXISTS { (j)-[:OUTPUTS {current: true}]->(:Dataset) }
WITH DISTINCT k, j.key AS job
ORDER BY k, job
LIMIT $limit
RETURN collect([k, job]) AS consumers
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)-[:INPUT_TO {current: true}]->(j:Job)
USING INDEX SEEK here:Dataset(key)
WHERE NOT EXISTS { (j)-[:OUTPUTS {current: true}]->(:Dataset) }
WITH DISTINCT k, j.key AS job
ORDER BY k, job
LIMIT $limit
RETURN collect([k, job]) AS consumers
