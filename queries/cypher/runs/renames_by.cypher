// What happened, by these runs among others, to the names of what they wrote?
// mode: read
// params: keys
// returns: changes
UNWIND $keys AS k
MATCH (here:Run {key: k})-[:WROTE]->(d:Dataset)
USING INDEX SEEK here:Run(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
WITH DISTINCT k, coalesce(c, d) AS n
WHERE k IN n.changed_by
RETURN collect([k, n.changes, n.changed_at, n.changed_other, n.changed_by]) AS changes
