// Which model keys, a hundredth of them taken at random, cut the models into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Model)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
