// Which tags do datasets and jobs have?
// mode: read
// params:
// returns: tag
MATCH (n:Dataset)
WHERE n.tags IS NOT NULL
UNWIND n.tags AS tag
RETURN DISTINCT tag
UNION
MATCH (n:Job)
WHERE n.tags IS NOT NULL
UNWIND n.tags AS tag
RETURN DISTINCT tag
