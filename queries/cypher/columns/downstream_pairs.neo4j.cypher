// Over how many (source, target) pairs does one get everywhere downstream of these fields,
// now?
// why: Neo4j runs it as VarLengthExpand(Pruning,BFS), each node once; other engines would list all paths. Taken
//   from a list, since what one node found by `IN` reaches is held for distinct already, which it is not for several.
// mode: read
// params: starts
// returns: pairs
MATCH (s:Field)
USING INDEX SEEK s:Field(key)
WHERE s.key IN $starts
WITH collect(s) AS starting
UNWIND starting AS s
MATCH (s)-[:FEEDS_FIELD*0..]->(t)
WITH DISTINCT t
RETURN sum(COUNT {
  MATCH (t)-[:FEEDS_FIELD]->(u)
  RETURN DISTINCT u
}) AS pairs
