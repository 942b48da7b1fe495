// Is there anything at all in this database, and what is it called?
// mode: read
// returns: labels
MATCH (n) RETURN labels(n) AS labels LIMIT 1
