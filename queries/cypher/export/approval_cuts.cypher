// Which approval keys, a hundredth of them taken at random, cut the approvals into ranges that fit into memory?
// mode: read
// params:
// returns: keys
MATCH (n:Approval)
WHERE rand() < 0.01
RETURN collect(n.key) AS keys
