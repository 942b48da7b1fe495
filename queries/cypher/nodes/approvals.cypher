// What is known of these decisions?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (n:Approval {key: k})
USING INDEX SEEK n:Approval(key)
RETURN collect(n {.key, .name, .decision, .at, .reason, .by, .model, .version, .evidence, .evidence_hash}) AS nodes
