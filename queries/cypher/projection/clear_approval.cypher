// Take away what these decisions are about and who made them, before it is said anew.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Approval {key: r.key})-[e:APPROVES|DECIDED_BY]->()
USING INDEX SEEK n:Approval(key)
DELETE e
