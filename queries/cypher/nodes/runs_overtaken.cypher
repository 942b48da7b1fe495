// Which of these runs did a later run of the same job overtake by ending? Each is given as [key, job, start].
// mode: read
// params: runs
// returns: keys
UNWIND $runs AS run
MATCH (later:Run)
USING INDEX SEEK later:Run(job, started_at)
WHERE later.job = run[1] AND later.started_at > run[2] AND later.ended_at IS NOT NULL
RETURN collect(DISTINCT run[0]) AS keys
