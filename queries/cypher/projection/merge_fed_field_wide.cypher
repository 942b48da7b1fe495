// Write these FED_FIELD edges of targets with many sources: from the source's side.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
MATCH (b:Field {key: r.target})
MERGE (a)-[e:FED_FIELD {job: r.job}]->(b)
SET e = r.props
