// Write these SHAPES edges. From the target's side: a source may feed 10,000 targets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})
USING INDEX SEEK b:Dataset(key)
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MERGE (b)<-[e:SHAPES {job: r.job}]-(a)
SET e = r.props
