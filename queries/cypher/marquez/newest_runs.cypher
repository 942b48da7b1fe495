// Which runs of these jobs are the newest, by their start, or by their end where they never said a start?
// mode: read
// params: jobs, limit
// returns: run
UNWIND $jobs AS job
CALL (job) {
  MATCH (r:Run)
  USING INDEX SEEK r:Run(job, started_at)
  WHERE r.job = job AND r.started_at >= ''
  WITH r
  ORDER BY r.started_at DESC, r.key
  LIMIT $limit
  RETURN r
  UNION ALL
  MATCH (r:Run)
  USING INDEX SEEK r:Run(job, ended_at)
  WHERE r.job = job AND r.ended_at >= '' AND r.started_at IS NULL
  WITH r
  ORDER BY r.ended_at DESC, r.key
  LIMIT $limit
  RETURN r
}
RETURN r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts} AS run
