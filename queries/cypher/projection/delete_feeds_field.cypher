// Take away these FEEDS_FIELD edges. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
MATCH (b:Field {key: r.target})
MATCH (a)-[e:FEEDS_FIELD {job: r.job}]->(b)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
