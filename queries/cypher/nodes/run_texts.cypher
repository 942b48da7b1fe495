// What did these runs say at length: facets, transitions, warnings, each as JSON text?
// mode: read
// params: keys
// returns: texts
UNWIND $keys AS k
MATCH (r:Run {key: k})
USING INDEX SEEK r:Run(key)
RETURN collect(r {.key, .facets, .transitions, .warnings}) AS texts
