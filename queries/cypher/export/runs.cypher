// What does the export tell of the runs in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Run)
USING INDEX SEEK n:Run(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .job, .state, .started_at, .ended_at, .parent, .root, .job_clash}) AS rows
