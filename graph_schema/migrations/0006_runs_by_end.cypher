// Which run of a job ended at an instant, and which of its runs stream: asked where the history of an edge is told.
// Batch runs have no `processing`, so the second index holds the few that do.
// mode: schema
CREATE INDEX run_job_ended_at IF NOT EXISTS FOR (n:Run) ON (n.job, n.ended_at);
CREATE INDEX run_job_processing IF NOT EXISTS FOR (n:Run) ON (n.job, n.processing);
