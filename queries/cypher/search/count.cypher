// How many nodes does a full-text index find, counted no further than to enough?
// mode: read
// params: index, query, enough
// returns: count
CALL db.index.fulltext.queryNodes($index, $query) YIELD node
WITH node LIMIT $enough
RETURN count(node) AS count
