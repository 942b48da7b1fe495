// What is known of these registered models?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (n:Model {key: k})
USING INDEX SEEK n:Model(key)
RETURN collect(n {.key, .namespace, .name, .description, .tags, .aliases, .alias_versions, .deleted}) AS nodes
