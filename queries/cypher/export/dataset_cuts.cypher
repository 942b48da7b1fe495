// Which dataset keys, a hundredth of them taken at random, cut the datasets into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Dataset)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
