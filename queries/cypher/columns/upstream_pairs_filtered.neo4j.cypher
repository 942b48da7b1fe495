// Over how many (source, target) pairs does one get everywhere upstream of these fields,
// at an instant, over edges seen since another?
// why: Neo4j runs it as VarLengthExpand(Pruning,BFS), each node once; other engines would list all paths. Taken
//   from a list, since what one node found by `IN` reaches is held for distinct already, which it is not for several.
// mode: read
// params: starts, as_of, seen_since, types, subtypes
// returns: pairs
MATCH (s:Field)
USING INDEX SEEK s:Field(key)
WHERE s.key IN $starts
WITH collect(s) AS starting
UNWIND starting AS s
MATCH p = (s)<-[:FEEDS_FIELD|FED_FIELD*0..]-(t)
WHERE all(r IN relationships(p) WHERE
  ($seen_since = '0001-01-01T00:00:00.000000Z' OR r.last_at >= $seen_since)
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
  AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
    WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes))))
WITH DISTINCT t
RETURN sum(COUNT {
  MATCH (t)<-[r:FEEDS_FIELD|FED_FIELD]-(u)
  WHERE ($seen_since = '0001-01-01T00:00:00.000000Z' OR r.last_at >= $seen_since)
    AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
    AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
      WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes)))
  RETURN DISTINCT u
}) AS pairs
