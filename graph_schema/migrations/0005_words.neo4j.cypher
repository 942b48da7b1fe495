// What search asks: the words that nodes are found by.
// why: ArcadeDB makes a full-text index in its SQL alone, see queries/stores/arcadedb_bulk.py.
// mode: schema
CREATE FULLTEXT INDEX dataset_words IF NOT EXISTS FOR (n:Dataset) ON EACH [n.words];
CREATE FULLTEXT INDEX job_words IF NOT EXISTS FOR (n:Job) ON EACH [n.words];
CREATE FULLTEXT INDEX person_words IF NOT EXISTS FOR (n:Person) ON EACH [n.words];
CALL db.awaitIndexes(25);
