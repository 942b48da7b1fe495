// Who owns these jobs?
// mode: read
// params: keys
// returns: owners
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OWNED_BY]->(p:Person)
USING INDEX SEEK here:Job(key)
RETURN collect({entity: k, key: p.key, name: p.name}) AS owners
