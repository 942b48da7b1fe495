// Which run of a job was heard of last by an instant, of those that said neither a start nor an end?
// mode: read
// params: job, at
// returns: key, moment
MATCH (j:Job {key: $job})<-[:RUN_OF]-(r:Run)
USING INDEX SEEK j:Job(key)
WHERE r.created_at <= $at AND r.started_at IS NULL AND r.ended_at IS NULL
WITH r
ORDER BY r.created_at DESC, r.key
LIMIT 1
RETURN r.key AS key, r.created_at AS moment
