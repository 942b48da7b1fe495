// Which datasets feed these deployments now, each once, with its kind; and over how many (source, target) pairs?
// mode: read
// params: keys
// returns: reached, pairs
UNWIND $keys AS k
MATCH (here:Deployment {key: k})<-[:FEEDS]-(t)
USING INDEX SEEK here:Deployment(key)
WITH DISTINCT k, t
WITH t, count(*) AS ways
RETURN collect([t.key, t.kind]) AS reached, sum(ways) AS pairs
