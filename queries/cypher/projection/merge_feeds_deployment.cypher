// Write these FEEDS edges of deployments.
// mode: write
// params: rows
// returns:
UNWIND $rows AS r
MATCH (b:Deployment {key: r.target})
USING INDEX SEEK b:Deployment(key)
MATCH (a:Dataset {key: r.source})
USING INDEX SEEK a:Dataset(key)
MERGE (b)<-[e:FEEDS {job: r.job}]-(a)
SET e = r.props
