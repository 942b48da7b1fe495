// Which namespaces do datasets and jobs have, and when was the first thing in each of them named?
// mode: read
// params:
// returns: namespace, created_at
MATCH (n:Dataset)
RETURN n.namespace AS namespace, min(n.created_at) AS created_at
UNION ALL
MATCH (n:Job)
RETURN n.namespace AS namespace, min(n.created_at) AS created_at
