// When were these datasets dropped or renamed, to or from which name, and by which run?
// mode: read
// params: keys
// returns: changes
UNWIND $keys AS k
MATCH (d:Dataset {key: k})
USING INDEX SEEK d:Dataset(key)
WHERE d.changes IS NOT NULL
RETURN collect([k, d.changes, d.changed_at, d.changed_other, d.changed_by]) AS changes
