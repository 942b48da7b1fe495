// Which datasets and features produced a version of a model, by the runs that trained it? `version` is its dataset's key.
// mode: read
// params: version
// returns: dataset, feature, mode, run, job
MATCH (v:Dataset {key: $version})<-[:FEEDS|FED]-(m:Dataset)<-[:WROTE]-(r:Run)-[:RUN_OF]->(j:Job)
USING INDEX SEEK v:Dataset(key)
WHERE m.kind = 'LOGGED_MODEL'
OPTIONAL MATCH (r)-[u:USED_FEATURE]->(f:Field)
OPTIONAL MATCH (source:Dataset)-[:FEEDS|FED]->(:Dataset {key: f.dataset})
RETURN DISTINCT source.key AS dataset, f.key AS feature, u.mode AS mode, r.key AS run, j.key AS job
ORDER BY feature, mode, dataset, run
