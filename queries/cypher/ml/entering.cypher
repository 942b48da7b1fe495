// Which edges ever entered these datasets, one per job, with all their intervals?
// mode: read
// params: keys
// returns: edges
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:FEEDS|FED]-(a)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, a.key, r.job, r.evidence, r.valid_from, r.valid_to, r.earlier]) AS edges
