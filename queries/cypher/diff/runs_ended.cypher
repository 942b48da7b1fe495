// Which runs of a job ended by an instant, newest first? Found by the index on (job, ended_at).
// mode: read
// params: job, as_of, limit
// returns: runs
MATCH (r:Run)
USING INDEX SEEK r:Run(job, ended_at)
WHERE r.job = $job AND r.ended_at <= $as_of
WITH r
ORDER BY r.ended_at DESC, r.key
LIMIT $limit
RETURN collect([r.key, r.state]) AS runs
