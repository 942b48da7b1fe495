// Take away the owners of these jobs, before they are said anew.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Job {key: r.key})-[e:OWNED_BY]->()
USING INDEX SEEK n:Job(key)
DELETE e
