// What is known of these runs, their facets left aside?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (r:Run {key: k})
USING INDEX SEEK r:Run(key)
RETURN collect(r {.key, .job, .state, .started_at, .ended_at, .nominal_start, .nominal_end, .created_at, .last_event_at,
  .parent, .root, .job_clash, .sent_id, .attempts, .experiment}) AS nodes
