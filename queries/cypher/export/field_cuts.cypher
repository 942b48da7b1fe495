// Which field keys, a hundredth of them taken at random, cut the fields into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Field)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
