// What search asks of experiments, models and deployments.
// why: ArcadeDB makes a full-text index in its SQL alone, see queries/stores/arcadedb_bulk.py.
// mode: schema
CREATE FULLTEXT INDEX experiment_words IF NOT EXISTS FOR (n:Experiment) ON EACH [n.words];
CREATE FULLTEXT INDEX model_words IF NOT EXISTS FOR (n:Model) ON EACH [n.words];
CREATE FULLTEXT INDEX deployment_words IF NOT EXISTS FOR (n:Deployment) ON EACH [n.words];
CALL db.awaitIndexes(25);
