// What did these checks find?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (c:Check {key: k})
USING INDEX SEEK c:Check(key)
RETURN collect(c {.key, .name, .outcome, .severity, .at, .dataset, .run, .column, .expected, .actual}) AS nodes
