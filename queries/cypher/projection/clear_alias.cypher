// Take these names out of their groups.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Dataset {key: r.key})-[e:ALIAS_OF]->()
USING INDEX SEEK n:Dataset(key)
DELETE e
