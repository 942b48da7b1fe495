// Which groups of names are too large to be one dataset, by their first name? Found by the index on unmerged.
// mode: read
// params: after, limit
// returns: first
MATCH (d:Dataset)
USING INDEX SEEK d:Dataset(unmerged)
WHERE d.unmerged > $after AND d.unmerged = d.key
WITH d
ORDER BY d.unmerged
LIMIT $limit
RETURN d.key AS first
