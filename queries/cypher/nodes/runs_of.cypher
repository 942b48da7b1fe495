// Which runs of a job started before an instant, newest first? Found by the index on (job, started_at).
// mode: read
// params: job, started_at, key, limit
// returns: run
MATCH (r:Run)
USING INDEX SEEK r:Run(job, started_at)
WHERE r.job = $job AND r.started_at <= $started_at AND (r.started_at < $started_at OR r.key > $key)
WITH r
ORDER BY r.started_at DESC, r.key
LIMIT $limit
RETURN r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts, .experiment} AS run
