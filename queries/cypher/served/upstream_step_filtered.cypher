// Which datasets fed these deployments at an instant, over edges seen since another, each once, with its kind?
// mode: read
// params: keys, as_of, seen_since
// returns: reached, pairs
UNWIND $keys AS k
MATCH (here:Deployment {key: k})<-[r:FEEDS|FED]-(t)
USING INDEX SEEK here:Deployment(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, t.kind]) AS reached, sum(ways) AS pairs
