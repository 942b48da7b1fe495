// Which nodes does a full-text index find, of some kinds where kinds are asked for, each with its words?
// mode: read
// params: index, query, kinds
// returns: found
CALL db.index.fulltext.queryNodes($index, $query) YIELD node
WHERE $kinds IS NULL OR node.kind IN $kinds
RETURN collect([node.key, node.kind, node.words]) AS found
