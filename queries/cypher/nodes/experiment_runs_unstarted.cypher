// Which runs of an experiment never said when they started, by key?
// mode: read
// params: experiment, key, limit
// returns: run
MATCH (r:Run)
WHERE r.experiment = $experiment AND r.started_at IS NULL AND r.key > $key
WITH r
ORDER BY r.key
LIMIT $limit
RETURN r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts, .experiment} AS run
