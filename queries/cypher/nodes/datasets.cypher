// What is known of these datasets, and under which canonical name do their questions go?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (d:Dataset {key: k})
USING INDEX SEEK d:Dataset(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
RETURN collect(d {.key, .namespace, .name, .kind, .live, .placeholder, .created_at, .last_written_at,
  .unmerged, .description, .tags, .model, .model_id, .version, .stage, .status, .made_by, .deleted, .catalogue_state,
  .catalogue_at, .catalogue_by, .aliases, alias_of: c.key}) AS nodes
