// Take away these FEEDS edges of deployments. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Dataset {key: r.source})
USING INDEX SEEK a:Dataset(key)
MATCH (b:Deployment {key: r.target})
USING INDEX SEEK b:Deployment(key)
MATCH (a)-[e:FEEDS {job: r.job}]->(b)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
