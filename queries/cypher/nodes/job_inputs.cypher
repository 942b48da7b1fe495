// Which datasets do these jobs take as inputs, by key?
// mode: read
// params: keys, after, limit
// returns: owner, io
UNWIND $keys AS k
MATCH (:Job {key: k})<-[r:INPUT_TO]-(d:Dataset)
WHERE d.key > $after
WITH k, r, d
ORDER BY d.key
RETURN k AS owner,
  collect({key: d.key, evidence: r.evidence, declared: r.declared, current: r.current})[0..$limit] AS io
