// Which edges ever entered a deployment, after some of them, by source and job, with all their intervals?
// mode: read
// params: key, source, job_from, limit
// returns: edges
MATCH (here:Deployment {key: $key})<-[r:FEEDS|FED]-(a)
USING INDEX SEEK here:Deployment(key)
WHERE a.key > $source OR (a.key = $source AND r.job >= $job_from)
WITH a, r
ORDER BY a.key, r.job
LIMIT $limit
RETURN collect([a.key, r.job, r.evidence, r.valid_from, r.valid_to, r.last_at, r.earlier]) AS edges
