// Write these FED edges of targets with many sources: from the source's side.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.source})
USING INDEX SEEK a:Dataset(key)
MATCH (b:Dataset {key: r.target})
USING INDEX SEEK b:Dataset(key)
MERGE (a)-[e:FED {job: r.job}]->(b)
SET e = r.props
