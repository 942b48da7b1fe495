// Take these datasets away from the models that they were versions of.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Dataset {key: r.key})-[e:VERSION_OF]->()
USING INDEX SEEK n:Dataset(key)
DELETE e
