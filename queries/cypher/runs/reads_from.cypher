// Which runs read these datasets, under any name? No more than a limit of each wording.
// mode: read
// params: keys, limit
// returns: acts
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:READ]-(one:Run)
USING INDEX SEEK here:Dataset(key)
WITH k, r, one
LIMIT $limit
RETURN collect([one.key, k, r.at, r.version, r.until]) AS acts
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(:Dataset)<-[r:READ]-(one:Run)
USING INDEX SEEK here:Dataset(key)
WITH k, r, one
LIMIT $limit
RETURN collect([one.key, k, r.at, r.version, r.until]) AS acts
