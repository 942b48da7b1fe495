// Which runs wrote what these model versions were made from, or the versions themselves?
// mode: read
// params: keys
// returns: trained
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:FEEDS|FED]-(m:Dataset)<-[:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
WHERE m.kind = 'LOGGED_MODEL' OR r.key = here.made_by
RETURN collect(DISTINCT [k, r.key]) AS trained
UNION ALL
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:WROTE]-(r:Run)
USING INDEX SEEK here:Dataset(key)
OPTIONAL MATCH (r)-[:IN_EXPERIMENT]->(e:Experiment)
WITH k, here, r, e
WHERE here.kind = 'LOGGED_MODEL' OR e IS NOT NULL
RETURN collect(DISTINCT [k, r.key]) AS trained
