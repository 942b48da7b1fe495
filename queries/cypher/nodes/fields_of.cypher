// Which fields do these datasets have?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:HAS_FIELD]->(f:Field)
USING INDEX SEEK here:Dataset(key)
RETURN collect(f {.key, .dataset, .name, .path, .data_type, .ordinal, .role, .current}) AS nodes
