// Which datasets do these fields shape at an instant, seen since another? The first ones in order of their ends.
// mode: read
// params: keys, as_of, seen_since, limit
// returns: edges
UNWIND $keys AS k
MATCH (here:Field {key: k})-[r:SHAPES]->(d)
USING INDEX SEEK here:Field(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
WITH k, r, d.key AS target
ORDER BY k, target, r.job
LIMIT $limit
RETURN collect([k, target, r.job, null, r.valid_from, r.valid_to, r.last_at, r.types, r.subtypes, r.maskings]) AS edges
