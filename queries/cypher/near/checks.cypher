// Which check keys begin with a text? Any few of them, in no order: finding the least would read them all.
// mode: read
// params: prefix, limit
// returns: key
MATCH (n:Check)
WHERE n.key STARTS WITH $prefix
RETURN n.key AS key
LIMIT $limit
