// How many runs wrote to a dataset under these names? Failed ones wrote nothing.
// mode: read
// params: keys
// returns: count
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[w:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WHERE w.outcome = 'COMPLETED' OR w.began_at IS NOT NULL
RETURN count(DISTINCT r) AS count
