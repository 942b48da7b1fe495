// Take away these inputs of jobs. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (j:Job {key: r.job})
USING INDEX SEEK j:Job(key)
MATCH (d:Dataset {key: r.dataset})
USING INDEX SEEK d:Dataset(key)
MATCH (d)-[e:INPUT_TO]->(j)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
