// Say in which experiment these runs are.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.run})
USING INDEX SEEK a:Run(key)
MATCH (b:Experiment {key: r.experiment})
USING INDEX SEEK b:Experiment(key)
MERGE (a)-[:IN_EXPERIMENT]->(b)
