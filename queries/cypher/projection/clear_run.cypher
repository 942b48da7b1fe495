// Take away these runs' own edges, before they are laid anew.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Run {key: r.key})-[e:RUN_OF|CHILD_OF|READ|WROTE|IN_EXPERIMENT|USED_FEATURE|STARTED_BY]->()
USING INDEX SEEK n:Run(key)
DELETE e
