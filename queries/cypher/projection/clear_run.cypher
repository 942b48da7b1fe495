// Take away these runs' own edges, before they are laid anew.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Run {key: r.key})-[e:RUN_OF|CHILD_OF|READ|WROTE]->()
USING INDEX SEEK n:Run(key)
DELETE e
