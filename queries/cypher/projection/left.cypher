// Is anything left of a graph that is made anew?
// mode: read
// params: 
// returns: key
MATCH (n) WHERE NOT n:Migration AND NOT n:Projection
RETURN n.key AS key LIMIT 1
