// Take away these SHAPES edges.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Dataset {key: r.target})<-[e:SHAPES {job: r.job}]-(a:Field {key: r.source})
DELETE e
