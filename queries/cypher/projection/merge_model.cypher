// Write these registered models whole: what a row lacks, the node loses.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MERGE (n:Model {key: r.key})
SET n = r
