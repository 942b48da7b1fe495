// Who made these decisions?
// mode: read
// params: keys
// returns: persons
UNWIND $keys AS k
MATCH (here:Approval {key: k})-[:DECIDED_BY]->(p:Person)
USING INDEX SEEK here:Approval(key)
RETURN collect([k, p.key]) AS persons
