// Take away some of the nodes of a graph that is made anew.
// mode: write
// params: rows_max
// returns:
MATCH (n) WHERE NOT n:Migration AND NOT n:Projection
WITH n LIMIT $rows_max
DETACH DELETE n
