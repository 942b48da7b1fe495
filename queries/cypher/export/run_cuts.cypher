// Which run keys, a hundredth of them taken at random, cut the runs into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Run)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
