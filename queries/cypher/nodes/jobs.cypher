// What is known of these jobs?
// mode: read
// params: keys
// returns: nodes
UNWIND $keys AS k
MATCH (j:Job {key: k})
USING INDEX SEEK j:Job(key)
RETURN collect(j {.key, .namespace, .name, .parent, .processing_type, .integration, .job_type, .placeholder,
  .created_at, .description, .tags}) AS nodes
