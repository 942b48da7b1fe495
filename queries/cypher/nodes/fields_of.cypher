// Which fields do these datasets have?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (:Dataset {key: k})-[:HAS_FIELD]->(f:Field)
RETURN collect(f {.key, .dataset, .name, .path, .data_type, .ordinal, .role, .current}) AS nodes
