// Take away these checks, which nothing states any more.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Check {key: r.key})
USING INDEX SEEK n:Check(key)
DETACH DELETE n
