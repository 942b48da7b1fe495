// Which edges leave these datasets at an instant, seen since another, one per job, with all they say?
// mode: read
// params: keys, as_of, seen_since
// returns: edges
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[r:FEEDS|FED]->(b)
USING INDEX SEEK here:Dataset(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
RETURN collect([k, b.key, r.job, r.evidence, r.valid_from, r.valid_to, r.last_at]) AS edges
