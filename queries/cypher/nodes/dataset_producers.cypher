// Which jobs output these datasets, by key?
// mode: read
// params: keys, after, limit
// returns: owner, io
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:OUTPUTS]-(j:Job)
USING INDEX SEEK here:Dataset(key)
WHERE j.key > $after
WITH k, r, j
ORDER BY j.key
RETURN k AS owner,
  collect({key: j.key, evidence: r.evidence, declared: r.declared, current: r.current})[0..$limit] AS io
