// Take away these fields of names that speak for no group any more.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Field {key: r.key})
USING INDEX SEEK n:Field(key)
DETACH DELETE n
