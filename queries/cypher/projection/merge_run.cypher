// Write these runs whole: what a row lacks, the node loses.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MERGE (n:Run {key: r.key})
SET n = r
