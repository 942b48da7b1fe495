// Which datasets are versions of these registered models, and what is each called there?
// mode: read
// params: keys
// returns: versions
UNWIND $keys AS k
MATCH (here:Model {key: k})<-[:VERSION_OF]-(d:Dataset)
USING INDEX SEEK here:Model(key)
RETURN collect([k, d.key, d.version]) AS versions
