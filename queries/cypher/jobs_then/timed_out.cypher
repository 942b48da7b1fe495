// Which links leave these datasets to jobs, and these jobs to datasets, at whichever time, and of which of them is a time known?
// why: what a job read and output at an instant follows from the intervals of the edges that it made, found by its outputs.
// mode: read
// params: keys
// returns: links, timed
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:INPUT_TO]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, j.key]) AS links, [] AS timed
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)-[:INPUT_TO]->(j:Job)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT [k, j.key]) AS links, [] AS timed
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(DISTINCT [k, coalesce(c.key, d.key)]) AS links, [] AS timed
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[r:FEEDS|FED]->()
USING INDEX SEEK here:Dataset(key)
WHERE r.job <> ''
RETURN [] AS links, collect(DISTINCT [k, r.job]) AS timed
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
WITH DISTINCT k, coalesce(c, d) AS made
MATCH (made)<-[r:FEEDS|FED]-(a)
WHERE r.job = k
RETURN [] AS links, collect(DISTINCT [k, made.key]) AS timed
