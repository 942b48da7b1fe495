// Which runs were in these experiments?
// mode: read
// params: keys, limit
// returns: runs
UNWIND $keys AS k
MATCH (here:Experiment {key: k})<-[:IN_EXPERIMENT]-(r:Run)
USING INDEX SEEK here:Experiment(key)
WITH r LIMIT $limit
RETURN collect(DISTINCT r.key) AS runs
