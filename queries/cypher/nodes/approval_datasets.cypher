// About which datasets are these decisions?
// mode: read
// params: keys
// returns: datasets
UNWIND $keys AS k
MATCH (here:Approval {key: k})-[:APPROVES]->(d:Dataset)
USING INDEX SEEK here:Approval(key)
RETURN collect([k, d.key]) AS datasets
