// Which datasets do these jobs take as inputs, by key?
// mode: read
// params: keys, after, limit
// returns: owner, io
UNWIND $keys AS k
MATCH (here:Job {key: k})<-[r:INPUT_TO]-(d:Dataset)
USING INDEX SEEK here:Job(key)
WHERE d.key > $after
WITH k, r, d
ORDER BY d.key
RETURN k AS owner,
  collect({key: d.key, evidence: r.evidence, declared: r.declared, current: r.current})[0..$limit] AS io
