// Write these FED_FIELD edges. From the target's side: a source may feed 10,000 targets.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Field {key: r.target})
USING INDEX SEEK b:Field(key)
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MERGE (b)<-[e:FED_FIELD {job: r.job}]-(a)
SET e = r.props
