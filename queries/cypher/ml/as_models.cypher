// What are these datasets, and which run made those that are models, as their registry says?
// mode: read
// params: keys
// returns: datasets
UNWIND $keys AS k
MATCH (d:Dataset {key: k})
USING INDEX SEEK d:Dataset(key)
RETURN collect([k, d.kind, d.made_by]) AS datasets
