// Which runs of a job that said when they started are on a page, newest first? Found by the index on (job, started_at).
// mode: read
// params: job, offset, limit
// returns: run
MATCH (r:Run)
USING INDEX SEEK r:Run(job, started_at)
WHERE r.job = $job AND r.started_at >= ''
WITH r
ORDER BY r.started_at DESC, r.key
SKIP $offset
LIMIT $limit
RETURN r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts} AS run
