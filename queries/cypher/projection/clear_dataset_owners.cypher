// Take away the owners of these datasets, before they are said anew.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Dataset {key: r.key})-[e:OWNED_BY]->()
USING INDEX SEEK n:Dataset(key)
DELETE e
