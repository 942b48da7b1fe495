// What is known of these datasets as model versions?
// mode: read
// params: keys
// returns: versions
UNWIND $keys AS k
MATCH (d:Dataset {key: k})
USING INDEX SEEK d:Dataset(key)
OPTIONAL MATCH (d)-[:VERSION_OF]->(m:Model)
RETURN collect(d {.key, .namespace, .name, .kind, .version, .placeholder, .created_at, .catalogue_state, .made_by, model: m.key})
  AS versions
