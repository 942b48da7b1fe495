// How many runs has a job?
// mode: read
// params: job
// returns: count
MATCH (j:Job {key: $job})<-[:RUN_OF]-(r:Run)
USING INDEX SEEK j:Job(key)
RETURN count(r) AS count
