// Which runs are part of a run, after one of them, by key?
// mode: read
// params: key, after, limit
// returns: runs
MATCH (here:Run {key: $key})<-[:CHILD_OF]-(r:Run)
USING INDEX SEEK here:Run(key)
WHERE r.key > $after
WITH r
ORDER BY r.key
LIMIT $limit
RETURN collect(r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts, .experiment}) AS runs
