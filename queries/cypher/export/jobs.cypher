// What does the export tell of the jobs in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Job)
USING INDEX SEEK n:Job(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .namespace, .name, .parent, .placeholder}) AS rows
