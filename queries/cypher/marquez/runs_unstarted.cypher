// Which runs of a job that never said when they started are on a page, those that were heard of last first?
// mode: read
// params: job, offset, limit
// returns: run
MATCH (j:Job {key: $job})<-[:RUN_OF]-(r:Run)
USING INDEX SEEK j:Job(key)
WHERE r.started_at IS NULL
WITH r, coalesce(r.ended_at, r.created_at, '') AS moment
ORDER BY moment DESC, r.key
SKIP $offset
LIMIT $limit
RETURN r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts} AS run
