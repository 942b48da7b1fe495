// Take away these FED_FIELD edges.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Field {key: r.target})<-[e:FED_FIELD {job: r.job}]-(a:Field {key: r.source})
DELETE e
