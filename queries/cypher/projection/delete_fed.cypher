// Take away these FED edges.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})<-[e:FED {job: r.job}]-(a:Dataset {key: r.source})
DELETE e
