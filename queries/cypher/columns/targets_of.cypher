// What do these fields feed, at any time, each once?
// mode: read
// params: keys
// returns: targets
UNWIND $keys AS k
MATCH (here:Field {key: k})-[:FEEDS_FIELD|FED_FIELD]->(b)
USING INDEX SEEK here:Field(key)
RETURN collect(DISTINCT b.key) AS targets
