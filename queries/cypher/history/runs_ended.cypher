// Which runs of a job ended at an instant by writing one of these names? Each bound is [job, instant].
// mode: read
// params: bounds, names
// returns: runs
UNWIND $bounds AS bound
MATCH (r:Run)
USING INDEX SEEK r:Run(job, ended_at)
WHERE r.job = bound[0] AND r.ended_at = bound[1]
MATCH (r)-[w:WROTE]->(d:Dataset)
WHERE w.at = bound[1] AND d.key IN $names
RETURN collect(DISTINCT [bound[0], bound[1], r.key]) AS runs
