// Take away these SHAPES edges. All are found before the first goes: ArcadeDB loses its place in a list it deletes from.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (a:Field {key: r.source})
USING INDEX SEEK a:Field(key)
MATCH (b:Dataset {key: r.target})
USING INDEX SEEK b:Dataset(key)
MATCH (a)-[e:SHAPES {job: r.job}]->(b)
WITH collect(e) AS found
UNWIND found AS e
DELETE e
