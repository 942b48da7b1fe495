// Write these SHAPES edges of targets with many sources: from the source's side.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
MATCH (b:Dataset {key: r.target})
MERGE (a)-[e:SHAPES {job: r.job}]->(b)
SET e = r.props
