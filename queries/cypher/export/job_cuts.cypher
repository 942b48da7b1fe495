// Which job keys, a hundredth of them taken at random, cut the jobs into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Job)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
