// Which runs wrote these datasets, under any name? No more than a limit of each wording.
// mode: read
// params: keys, limit
// returns: acts
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:WROTE]-(one:Run)
USING INDEX SEEK here:Dataset(key)
WITH k, r, one
LIMIT $limit
RETURN collect([one.key, k, r.at, r.version, r.began_at, r.outcome,
  one.job, one.parent, one.started_at]) AS acts
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)<-[r:WROTE]-(one:Run)
USING INDEX SEEK here:Dataset(key)
WITH k, r, one
LIMIT $limit
RETURN collect([one.key, k, r.at, r.version, r.began_at, r.outcome,
  one.job, one.parent, one.started_at]) AS acts
