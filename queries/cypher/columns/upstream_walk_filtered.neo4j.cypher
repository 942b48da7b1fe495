// What lies upstream of these fields at an instant, over edges seen since another: how many of each kind at each depth, and
// which ones in the levels that the page needs? Nothing where `wide` or more are in reach (0: however many).
// why: Neo4j runs it as VarLengthExpand(Pruning,BFS), each node once; other engines would list all paths.
// mode: read
// params: starts, depth_max, by_kind, kinds, from_depth, rows, wide, as_of, seen_since, types, subtypes
// returns: counts, reached
MATCH (s:Field)
USING INDEX SEEK s:Field(key)
WHERE s.key IN $starts
WITH collect(s) AS roots
CALL (roots) {
  UNWIND roots AS s
  MATCH p = (s)<-[:FEEDS_FIELD|FED_FIELD*1..]-(t)
  WHERE all(r IN relationships(p) WHERE
    ($seen_since = '0001-01-01T00:00:00.000000Z' OR r.last_at >= $seen_since)
    AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
    AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
      WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes))))
  WITH DISTINCT t
  LIMIT $wide
  RETURN count(*) AS near
}
WITH roots, near
WHERE near < $wide OR $wide = 0
UNWIND roots AS s
MATCH p = (s)<-[:FEEDS_FIELD|FED_FIELD*0..]-(t)
WHERE all(r IN relationships(p) WHERE
  ($seen_since = '0001-01-01T00:00:00.000000Z' OR r.last_at >= $seen_since)
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
  AND ($types IS NULL OR any(i IN range(0, size(r.types) - 1)
    WHERE r.types[i] IN $types AND ($subtypes IS NULL OR r.subtypes[i] IN $subtypes))))
WITH t, min(length(p)) AS depth
WHERE depth <= $depth_max
WITH depth, CASE WHEN $by_kind THEN 'FIELD' END AS kind, collect(t) AS some
ORDER BY depth
WITH collect({depth: depth, kind: kind, some: some}) AS groups
WITH groups, reduce(at = {rows: 0, depth: 0}, g IN groups |
  CASE
    WHEN at.rows >= $rows THEN at
    WHEN g.depth <= $from_depth OR NOT ($kinds IS NULL OR g.kind IN $kinds) THEN {rows: at.rows, depth: g.depth}
    ELSE {rows: at.rows + size(g.some), depth: g.depth}
  END) AS last
RETURN [g IN groups | [g.depth, g.kind, size(g.some)]] AS counts,
  [g IN groups WHERE g.depth <= last.depth | [g.depth, [t IN g.some | [t.key, 'FIELD']]]] AS reached
