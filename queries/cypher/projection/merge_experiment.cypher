// Write these experiments whole: what a row lacks, the node loses.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MERGE (n:Experiment {key: r.key})
SET n = r
