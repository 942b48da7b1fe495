// Which links enter these datasets from jobs, and these jobs from datasets, at an instant, each once?
// why: what a job read and output at an instant follows from the intervals of the edges that it made, found by its outputs.
// mode: read
// params: keys, as_of, seen_since
// returns: links
UNWIND $keys AS k
MATCH (here:Dataset {key: k})<-[r:FEEDS|FED]-()
USING INDEX SEEK here:Dataset(key)
WHERE r.job <> '' AND r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
RETURN collect(DISTINCT [r.job, k]) AS links
UNION ALL
UNWIND $keys AS k
MATCH (here:Job {key: k})-[:OUTPUTS]->(d:Dataset)
USING INDEX SEEK here:Job(key)
OPTIONAL MATCH (d)-[:ALIAS_OF]->(c:Dataset)
WITH DISTINCT k, coalesce(c, d) AS made
MATCH (made)<-[r:FEEDS|FED]-(a)
WHERE r.job = k AND r.last_at >= $seen_since
  AND any(i IN range(0, size(r.valid_from) - 1) WHERE r.valid_from[i] <= $as_of AND $as_of < r.valid_to[i])
RETURN collect(DISTINCT [a.key, k]) AS links
