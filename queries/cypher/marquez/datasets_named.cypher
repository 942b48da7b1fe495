// How many datasets has a namespace, and when was the first of them named?
// mode: read
// params: low, high, namespace
// returns: count, created_at
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high AND n.namespace = $namespace
RETURN count(n) AS count, min(n.created_at) AS created_at
