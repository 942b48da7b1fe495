// Which datasets are versions of these models?
// mode: read
// params: keys
// returns: versions
UNWIND $keys AS k
MATCH (m:Model {key: k})<-[:VERSION_OF]-(d:Dataset)
USING INDEX SEEK m:Model(key)
RETURN collect(d {.key, .namespace, .name, .kind, .version, .placeholder, .created_at, .catalogue_state, .made_by, model: k}) AS versions
