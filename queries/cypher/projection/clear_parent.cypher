// Take these jobs out of their parents.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Job {key: r.key})-[e:PART_OF]->()
USING INDEX SEEK n:Job(key)
DELETE e
