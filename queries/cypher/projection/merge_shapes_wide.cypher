// Write these SHAPES edges of targets with many sources: from the source's side.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MATCH (b:Dataset {key: r.target})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[e:SHAPES {job: r.job}]->(b)
SET e = r.props
