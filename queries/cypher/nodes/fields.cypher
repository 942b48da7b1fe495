// What is known of these fields?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (f:Field {key: k})
USING INDEX SEEK f:Field(key)
RETURN collect(f {.key, .dataset, .name, .path, .data_type, .ordinal, .role, .current}) AS nodes
