// Which streaming and service runs of these jobs wrote one of these names, and from when to when was each heard of?
// mode: read
// params: jobs, names
// returns: runs
UNWIND $jobs AS job
UNWIND ['STREAMING', 'SERVICE'] AS processing
MATCH (r:Run)
USING INDEX SEEK r:Run(job, processing)
WHERE r.job = job AND r.processing = processing
MATCH (r)-[:WROTE]->(d:Dataset)
WHERE d.key IN $names
RETURN collect(DISTINCT [job, r.key, r.created_at, r.last_event_at]) AS runs
