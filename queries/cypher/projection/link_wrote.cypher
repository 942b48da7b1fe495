// Say what these runs wrote, on names as sent. From the run's side: a dataset may have 100,000 runs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.run})
USING INDEX SEEK a:Run(key)
MATCH (b:Dataset {key: r.dataset})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[e:WROTE]->(b)
SET e = r.props
