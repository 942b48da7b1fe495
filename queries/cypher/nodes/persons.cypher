// Who are these people?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (p:Person {key: k})
USING INDEX SEEK p:Person(key)
RETURN collect(p {.key, .name}) AS nodes
