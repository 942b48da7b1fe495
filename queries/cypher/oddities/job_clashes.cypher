// Which runs had their id used by several jobs, by key? Found by the index on clash.
// mode: read
// params: after, limit
// returns: run, job, others
MATCH (r:Run)
USING INDEX SEEK r:Run(clash)
WHERE r.clash > $after
WITH r
ORDER BY r.clash
LIMIT $limit
RETURN r.key AS run, r.job AS job, r.job_clash AS others
