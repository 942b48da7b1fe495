// Say up to where the graph is made: in the same transaction as the rows.
// mode: write
// params: cursor
// returns:
MERGE (p:Projection {key: "projection"})
SET p = $cursor
