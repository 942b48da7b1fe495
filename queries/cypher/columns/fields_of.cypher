// Which fields do these datasets have? A canonical name has those of its other names too.
// mode: read
// params: keys
// returns: keys
UNWIND $keys AS k
MATCH (:Dataset {key: k})-[:HAS_FIELD]->(f:Field)
RETURN collect(DISTINCT f.key) AS keys
