// How many jobs has a namespace, and when was the first of them named?
// mode: read
// params: low, high, namespace
// returns: count, created_at
MATCH (n:Job)
USING INDEX SEEK n:Job(key)
WHERE n.key >= $low AND n.key < $high AND n.namespace = $namespace
RETURN count(n) AS count, min(n.created_at) AS created_at
