// Which jobs read these datasets, and which datasets do these jobs output, at any time?
// why: what a job read and output at an instant follows from the intervals of the edges that it made, found by its outputs.
// mode: read
// params: keys
// returns: targets
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[r:FEEDS|FED]->()
USING INDEX SEEK here:Dataset(key)
WHERE r.job <> ''
RETURN collect(DISTINCT r.job) AS targets
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT coalesce(c.key, d.key)) AS targets
