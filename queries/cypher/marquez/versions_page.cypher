// When was something written to a dataset under these names, newest first, and by which run? Failed runs wrote nothing.
// mode: read
// params: keys, offset, limit
// returns: run, at
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[w:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WHERE w.outcome = 'COMPLETED' OR w.began_at IS NOT NULL
WITH r.key AS run, max(w.at) AS at
ORDER BY at DESC, run
SKIP $offset
LIMIT $limit
RETURN run, at
