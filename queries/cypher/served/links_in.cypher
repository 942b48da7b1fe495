// Which links enter these deployments at an instant, seen since another, each (source, target) once?
// mode: read
// params: keys, as_of, seen_since
// returns: links
UNWIND $keys AS k
MATCH (here:Deployment {key: k})<-[r:FEEDS|FED]-(a)
USING INDEX SEEK here:Deployment(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
WITH DISTINCT k, a
RETURN collect([a.key, k]) AS links
