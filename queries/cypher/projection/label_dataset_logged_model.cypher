// Say of these datasets, stripped of their kind before, that they are LoggedModel.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Dataset {key: r.key})
USING INDEX SEEK n:Dataset(key)
WHERE NOT n:LoggedModel
SET n:LoggedModel
