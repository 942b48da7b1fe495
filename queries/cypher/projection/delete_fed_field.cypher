// Take away these FED_FIELD edges. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MATCH (b:Field {key: r.target})
USING INDEX SEEK b:Field(key)
MATCH (a)-[e:FED_FIELD {job: r.job}]->(b)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
