// Which check keys, a hundredth of them taken at random, cut the checks into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Check)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
