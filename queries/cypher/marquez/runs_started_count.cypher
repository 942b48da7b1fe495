// How many runs of a job said when they started?
// mode: read
// params: job
// returns: count
MATCH (r:Run)
USING INDEX SEEK r:Run(job, started_at)
WHERE r.job = $job AND r.started_at >= ''
RETURN count(r) AS count
