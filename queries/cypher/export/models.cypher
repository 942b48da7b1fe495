// What does the export tell of the models in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Model)
USING INDEX SEEK n:Model(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .namespace, .name, .description, .tags, .aliases, .alias_versions, .deleted}) AS rows
