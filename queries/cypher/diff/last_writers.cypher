// Which runs wrote a dataset, under any of these names of it, until an instant, newest first?
// mode: read
// params: keys, as_of, limit
// returns: runs
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[w:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WHERE w.at <= $as_of
WITH r.key AS run, max(w.at) AS at
ORDER BY at DESC, run
LIMIT $limit
RETURN collect(run) AS runs
