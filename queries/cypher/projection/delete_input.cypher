// Take away these inputs of jobs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (j:Job {key: r.job})<-[e:INPUT_TO]-(d:Dataset {key: r.dataset})
DELETE e
