// What was the last that was written to a dataset under these names until an instant, and by which run?
// mode: read
// params: keys, as_of
// returns: run, at
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[w:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WHERE (w.outcome = 'COMPLETED' OR w.began_at IS NOT NULL) AND w.at <= $as_of
WITH r.key AS run, max(w.at) AS at
ORDER BY at DESC, run
LIMIT 1
RETURN run, at
