// Which experiment keys begin like a name, from its longest beginning to its shortest? Any few of each, in no order:
// finding the least ones would read them all.
// mode: read
// params: whole, trimmed, stem, half, beside, near, limit
// returns: key
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $whole
RETURN n.key AS key
LIMIT $limit
UNION ALL
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $trimmed
RETURN n.key AS key
LIMIT $limit
UNION ALL
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $stem
RETURN n.key AS key
LIMIT $limit
UNION ALL
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $half
RETURN n.key AS key
LIMIT $limit
UNION ALL
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $beside
RETURN n.key AS key
LIMIT $limit
UNION ALL
MATCH (n:Experiment)
USING INDEX SEEK n:Experiment(key)
WHERE n.key STARTS WITH $near
RETURN n.key AS key
LIMIT $limit
