// Write these inputs of jobs. From the job's side: a dataset may have 10,000 readers.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (j:Job {key: r.job})
USING INDEX SEEK j:Job(key)
MATCH (d:Dataset {key: r.dataset})
USING INDEX SEEK d:Dataset(key)
MERGE (j)<-[e:INPUT_TO]-(d)
SET e = r.props
