// How many fields are there?
// mode: read
// params:
// returns: nodes
MATCH (n:Field)
RETURN count(n) AS nodes
