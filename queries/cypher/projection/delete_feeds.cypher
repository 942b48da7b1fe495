// Take away these FEEDS edges.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})<-[e:FEEDS {job: r.job}]-(a:Dataset {key: r.source})
DELETE e
