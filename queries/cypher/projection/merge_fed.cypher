// Write these FED edges. From the target's side: a source may feed 10,000 targets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})
USING INDEX SEEK b:Dataset(key)
MATCH (a:Dataset {key: r.source})
USING INDEX SEEK a:Dataset(key)
MERGE (b)<-[e:FED {job: r.job}]-(a)
SET e = r.props
