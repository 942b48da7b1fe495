// Say who started these runs, each evidence apart. From the run's side: a person starts very many.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Run {key: r.key})
USING INDEX SEEK a:Run(key)
MATCH (b:Person {key: r.person})
USING INDEX SEEK b:Person(key)
MERGE (a)-[e:STARTED_BY {evidence: r.evidence}]->(b)
SET e = r.props
