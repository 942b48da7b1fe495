// Which person keys, a hundredth of them taken at random, cut the persons into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Person)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
