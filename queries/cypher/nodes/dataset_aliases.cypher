// Which other names do these datasets have?
// mode: read
// params: keys
// returns: aliases
UNWIND $keys AS k
MATCH (:Dataset {key: k})<-[:ALIAS_OF]-(d:Dataset)
RETURN collect([k, d.key]) AS aliases
