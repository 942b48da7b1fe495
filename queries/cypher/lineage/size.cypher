// How many datasets are there?
// mode: read
// params:
// returns: nodes
MATCH (n:Dataset)
RETURN count(n) AS nodes
