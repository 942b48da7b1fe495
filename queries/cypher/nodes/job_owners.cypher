// Who owns these jobs?
// mode: read
// params: keys
// returns: owners
UNWIND $keys AS k
MATCH (:Job {key: k})-[:OWNED_BY]->(p:Person)
RETURN collect({entity: k, key: p.key, name: p.name}) AS owners
