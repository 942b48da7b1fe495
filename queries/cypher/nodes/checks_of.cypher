// Which checks were made on a dataset, newest first?
// mode: read
// params: key, at, after, limit
// returns: check
MATCH (here:Dataset {key: $key})<-[:CHECK_OF]-(c:Check)
USING INDEX SEEK here:Dataset(key)
WITH c, coalesce(c.at, "") AS at
WHERE at < $at OR (at = $at AND c.key > $after)
WITH c, at
ORDER BY at DESC, c.key
LIMIT $limit
RETURN c {.key, .name, .outcome, .severity, .at, .dataset, .run, .column, .expected, .actual} AS check
