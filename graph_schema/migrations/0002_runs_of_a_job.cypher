// The runs of a job are listed by this index: a job may have 100,000 of them, and so may a dataset's WROTE edges.
// No raw name is indexed: names have no length limit, and both engines refuse long texts in an index. Near names
// are found by the prefix of a key.
// mode: schema
CREATE INDEX run_job_started_at IF NOT EXISTS FOR (n:Run) ON (n.job, n.started_at);
