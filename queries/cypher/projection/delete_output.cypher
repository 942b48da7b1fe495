// Take away these outputs of jobs. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (j:Job {key: r.job})
MATCH (d:Dataset {key: r.dataset})
MATCH (j)-[e:OUTPUTS]->(d)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
