// Write these decisions whole: what a row lacks, the node loses.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MERGE (n:Approval {key: r.key})
SET n = r
