// Which run of a job was the newest at an instant: by its start, or by its end where it never said a start?
// mode: read
// params: job, at
// returns: key, moment
MATCH (r:Run)
USING INDEX SEEK r:Run(job, started_at)
WHERE r.job = $job AND r.started_at <= $at
WITH r
ORDER BY r.started_at DESC, r.key
LIMIT 1
RETURN r.key AS key, r.started_at AS moment
UNION ALL
MATCH (r:Run)
USING INDEX SEEK r:Run(job, ended_at)
WHERE r.job = $job AND r.ended_at <= $at AND r.started_at IS NULL
WITH r
ORDER BY r.ended_at DESC, r.key
LIMIT 1
RETURN r.key AS key, r.ended_at AS moment
