// Write these FED edges. From the target's side: a source may feed 10,000 targets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})
MATCH (a:Dataset {key: r.source})
MERGE (b)<-[e:FED {job: r.job}]-(a)
SET e = r.props
