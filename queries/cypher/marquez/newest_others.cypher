// Which runs of these jobs were heard of last, of those that said neither a start nor an end?
// mode: read
// params: jobs, limit
// returns: job, runs
UNWIND $jobs AS job
MATCH (j:Job {key: job})<-[:RUN_OF]-(r:Run)
USING INDEX SEEK j:Job(key)
WHERE r.started_at IS NULL AND r.ended_at IS NULL
WITH job, r, coalesce(r.created_at, '') AS moment
ORDER BY moment DESC, r.key
RETURN job, collect(r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts})[0..$limit] AS runs
