// Which datasets do these jobs output, by key?
// mode: read
// params: keys, after, limit
// returns: owner, io
UNWIND $keys AS k
MATCH (here:Job {key: k})-[r:OUTPUTS]->(d:Dataset)
USING INDEX SEEK here:Job(key)
WHERE d.key > $after
WITH k, r, d
ORDER BY d.key
RETURN k AS owner,
  collect({key: d.key, evidence: r.evidence, declared: r.declared, current: r.current})[0..$limit] AS io
