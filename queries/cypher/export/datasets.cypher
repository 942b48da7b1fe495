// What does the export tell of the datasets in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high
OPTIONAL MATCH (n)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(n {.key, .namespace, .name, .kind, .live, .placeholder, .created_at, .last_written_at,
  alias_of: c.key}) AS rows
