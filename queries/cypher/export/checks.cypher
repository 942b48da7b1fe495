// What does the export tell of the checks in a range of keys?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Check)
USING INDEX SEEK n:Check(key)
WHERE n.key >= $low AND n.key < $high
RETURN collect(n {.key, .name, .outcome, .severity, .at, .dataset, .run, .column, .expected, .actual}) AS rows
