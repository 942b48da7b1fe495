// What does the export tell of the approvals in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Approval)
USING INDEX SEEK n:Approval(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .decision, .at, .reason, .by, .model, .version, .evidence, .evidence_hash}) AS rows
