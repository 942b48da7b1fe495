// Which facet keys, a hundredth of them taken at random, cut the facets into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Facet)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
