// How many names does each of these groups have, and which are the first of them?
// mode: read
// params: firsts, shown
// returns: first, names, keys
UNWIND $firsts AS first
MATCH (d:Dataset {unmerged: first})
USING INDEX SEEK d:Dataset(unmerged)
WITH first, d
ORDER BY first, d.key
WITH first, count(d) AS names, collect(d.key) AS keys
RETURN first, names, keys[0..$shown] AS keys
