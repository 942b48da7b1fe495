// Which column links enter these fields at an instant, seen since another, each (source, target) once?
// mode: read
// params: keys, as_of, seen_since, types, subtypes
// returns: links
UNWIND $keys AS k
MATCH (here:Field {key: k})<-[r:FEEDS_FIELD|FED_FIELD]-(a)
USING INDEX SEEK here:Field(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
  AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
    WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes)))
WITH DISTINCT k, a
RETURN collect([a.key, k]) AS links
