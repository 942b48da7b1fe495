// What was decided about these datasets?
// mode: read
// params: keys
// returns: approvals
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:APPROVES]-(n:Approval)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, n {.key, .name, .decision, .at, .reason, .by, .model, .version, .evidence, .evidence_hash}]) AS approvals
