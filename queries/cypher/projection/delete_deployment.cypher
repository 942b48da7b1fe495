// Take away these deployments: their jobs are none after all.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (n:Deployment {key: r.key})
USING INDEX SEEK n:Deployment(key)
DETACH DELETE n
