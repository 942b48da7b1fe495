// Which datasets did these runs read, under the names they sent?
// mode: read
// params: keys
// returns: acts
UNWIND $keys AS k
MATCH (here:Run {key: k})-[r:READ]->(d:Dataset)
USING INDEX SEEK here:Run(key)
RETURN collect({run: k, dataset: d.key, at: r.at, version: r.version, row_count: r.row_count, bytes: r.bytes,
  file_count: r.file_count, facets: r.facets}) AS acts
