// Which features did these runs fetch or use?
// mode: read
// params: keys
// returns: features
UNWIND $keys AS k
MATCH (here:Run {key: k})-[r:USED_FEATURE]->(f:Field)
USING INDEX SEEK here:Run(key)
RETURN collect({run: k, field: f.key, mode: r.mode, certain: r.certain}) AS features
