// What is known of these fields?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (f:Field {key: k})
RETURN collect(f {.key, .dataset, .name, .path, .data_type, .ordinal, .role, .current}) AS nodes
