// Which other names do these datasets have?
// mode: read
// params: keys
// returns: aliases
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[:ALIAS_OF]-(d:Dataset)
USING INDEX SEEK here:Dataset(key)
RETURN collect([k, d.key]) AS aliases
