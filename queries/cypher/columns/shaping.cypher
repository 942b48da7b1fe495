// Which fields shape these datasets at an instant, seen since another? The first ones in order of their ends.
// mode: read
// params: keys, as_of, seen_since, limit
// returns: edges
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:SHAPES]-(f)
USING INDEX SEEK here:Dataset(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
WITH k, r, f.key AS source
ORDER BY source, k, r.job
LIMIT $limit
RETURN collect([source, k, r.job, null, r.valid_from, r.valid_to, r.last_at, r.types, r.subtypes, r.maskings]) AS edges
