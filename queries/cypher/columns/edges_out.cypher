// Which column edges leave these fields at an instant, seen since another, one per job, with all they say?
// mode: read
// params: keys, as_of, seen_since, types, subtypes
// returns: edges
UNWIND $keys AS k
MATCH (here:Field {key: k})-[r:FEEDS_FIELD|FED_FIELD]->(b)
USING INDEX SEEK here:Field(key)
WHERE r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
  AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
    WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes)))
RETURN collect([k, b.key, r.job, null, r.valid_from, r.valid_to, r.last_at, r.types, r.subtypes, r.maskings]) AS edges
