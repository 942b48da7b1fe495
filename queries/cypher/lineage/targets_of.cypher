// What do these datasets feed, at any time, each once?
// mode: read
// params: keys
// returns: targets
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:FEEDS|FED]->(b)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT b.key) AS targets
