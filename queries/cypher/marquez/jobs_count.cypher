// How many jobs has a namespace (null: how many are there)?
// mode: read
// params: low, high, namespace
// returns: count
MATCH (n:Job)
USING INDEX SEEK n:Job(key)
WHERE n.key >= $low AND n.key < $high AND ($namespace IS NULL OR n.namespace = $namespace)
RETURN count(n) AS count
