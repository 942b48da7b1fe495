// Take these jobs out of their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Job {key: r.key})-[e:PART_OF]->()
DELETE e
