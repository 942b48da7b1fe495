// The runs of an experiment are listed by this index: it may have as many as a job. Only runs in one have the property.
// mode: schema
CREATE INDEX run_experiment_started_at IF NOT EXISTS FOR (n:Run) ON (n.experiment, n.started_at);
