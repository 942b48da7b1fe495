// Which fields do these datasets have? A canonical name has those of its other names too.
// mode: read
// params: keys
// returns: keys
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:HAS_FIELD]->(f:Field)
USING INDEX SEEK here:Dataset(key)
RETURN collect(DISTINCT f.key) AS keys
