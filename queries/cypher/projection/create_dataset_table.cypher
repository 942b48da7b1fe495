// Make those of these datasets that are not there yet, as Table: a MERGE with two labels would not use the key's index.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
OPTIONAL MATCH (m:Dataset {key: r.key})
USING INDEX SEEK m:Dataset(key)
WITH r, m WHERE m IS NULL
CREATE (n:Dataset:Table)
SET n = r
