// Who owns these datasets?
// mode: read
// params: keys
// returns: owners
UNWIND $keys AS k
MATCH (here:Dataset {key: k})-[:OWNED_BY]->(p:Person)
USING INDEX SEEK here:Dataset(key)
RETURN collect({entity: k, key: p.key, name: p.name}) AS owners
