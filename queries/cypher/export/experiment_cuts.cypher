// Which experiment keys, a hundredth of them taken at random, cut the experiments into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Experiment)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
