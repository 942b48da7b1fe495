// Write these FED_FIELD edges. From the target's side: a source may feed 10,000 targets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Field {key: r.target})
MATCH (a:Field {key: r.source})
MERGE (b)<-[e:FED_FIELD {job: r.job}]-(a)
SET e = r.props
