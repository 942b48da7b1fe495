// Which fields do the frontier's fields feed now, each once; and over how many (source, target) pairs?
// mode: read
// params: keys
// returns: reached, pairs
UNWIND $keys AS k
MATCH (here:Field {key: k})-[:FEEDS_FIELD]->(t)
USING INDEX SEEK here:Field(key)
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, 'FIELD']) AS reached, sum(ways) AS pairs
