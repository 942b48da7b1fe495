// Which edges enter these deployments at an instant, seen since another, one per job, with all they say?
// mode: read
// params: keys, as_of, seen_since
// returns: edges
UNWIND $keys AS k
MATCH (here:Deployment {key: k})<-[r:FEEDS|FED]-(a)
USING INDEX SEEK here:Deployment(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
RETURN collect([a.key, k, r.job, r.evidence, r.valid_from, r.valid_to, r.last_at]) AS edges
