// What did the checks find that these runs made?
// mode: read
// params: keys
// returns: checks
UNWIND $keys AS k
MATCH (here:Run {key: k})-[:CHECKED]->(c:Check)
USING INDEX SEEK here:Run(key)
RETURN collect(c {.key, .name, .outcome, .severity, .at, .dataset, .run, .column, .expected, .actual}) AS checks
