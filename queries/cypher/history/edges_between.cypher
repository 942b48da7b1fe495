// Which edges ever led from one dataset to another, from a job on, by job, with all their intervals?
// mode: read
// params: key, source, job_from, limit
// returns: edges
MATCH (here:Dataset {key: $key})<-[r:FEEDS|FED]-(a)
USING INDEX SEEK here:Dataset(key)
WHERE a.key = $source AND r.job >= $job_from
WITH a, r
ORDER BY r.job
LIMIT $limit
RETURN collect([a.key, r.job, r.evidence, r.valid_from, r.valid_to, r.last_at, r.earlier]) AS edges
