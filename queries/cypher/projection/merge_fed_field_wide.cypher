// Write these FED_FIELD edges of targets with many sources: from the source's side.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MATCH (b:Field {key: r.target})
USING INDEX SEEK b:Field(key)
MERGE (a)-[e:FED_FIELD {job: r.job}]->(b)
SET e = r.props
