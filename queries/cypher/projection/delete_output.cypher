// Take away these outputs of jobs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (j:Job {key: r.job})-[e:OUTPUTS]->(d:Dataset {key: r.dataset})
DELETE e
