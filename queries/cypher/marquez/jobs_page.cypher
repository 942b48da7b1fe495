// Which jobs of a namespace (null: of all) are on a page, in order of their keys?
// mode: read
// params: low, high, namespace, offset, limit
// returns: key
MATCH (n:Job)
USING INDEX SEEK n:Job(key)
WHERE n.key >= $low AND n.key < $high AND ($namespace IS NULL OR n.namespace = $namespace)
WITH n.key AS key
ORDER BY key
SKIP $offset
LIMIT $limit
RETURN key
