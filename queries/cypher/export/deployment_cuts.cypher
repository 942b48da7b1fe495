// Which deployment keys, a hundredth of them taken at random, cut the deployments into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Deployment)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
