// What does the export tell of the fields in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Field)
USING INDEX SEEK n:Field(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .dataset, .name, .path, .data_type, .ordinal, .role, .current}) AS rows
