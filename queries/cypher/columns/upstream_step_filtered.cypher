// Which fields fed the frontier's fields at an instant, over edges seen since another, each once?
// mode: read
// params: keys, as_of, seen_since, types, subtypes
// returns: reached, pairs
UNWIND $keys AS k
MATCH (here:Field {key: k})<-[r:FEEDS_FIELD|FED_FIELD]-(t)
USING INDEX SEEK here:Field(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
  AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
    WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes)))
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, 'FIELD']) AS reached, sum(ways) AS pairs
