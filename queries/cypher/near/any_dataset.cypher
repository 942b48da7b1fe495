// Is there any dataset at all? One that is there, or no row.
// mode: read
// params:
// returns: key
MATCH (n:Dataset)
RETURN n.key AS key
LIMIT 1
