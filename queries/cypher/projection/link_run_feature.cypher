// Say which features these runs fetched or used. From the run's side: a feature is used by very many runs.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.run})
USING INDEX SEEK a:Run(key)
MATCH (b:Field {key: r.field})
USING INDEX SEEK b:Field(key)
MERGE (a)-[e:USED_FEATURE {mode: r.mode}]->(b)
SET e = r.props
