// What does the export tell of the persons in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Person)
USING INDEX SEEK n:Person(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .name}) AS rows
