// Which links enter these datasets from jobs, and these jobs from datasets, now?
// why: these edges stand on the names that were sent, and a walk goes over canonical ones (rule D5).
// mode: read
// params: keys
// returns: links
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:OUTPUTS {current: true}]-(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [j.key, k]) AS links
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)<-[:OUTPUTS {current: true}]-(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [j.key, k]) AS links
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})<-[:INPUT_TO {current: true}]-(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT [coalesce(c.key, d.key), k]) AS links
