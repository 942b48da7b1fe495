// Write these deployments whole: what a row lacks, the node loses.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MERGE (n:Deployment {key: r.key})
SET n = r
