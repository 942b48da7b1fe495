-- What the projector remembers (ingest/state.py opens it). Whoever changes what a row means raises FORM there.
-- Every column that is asked for has an index of its own: a partial one is not used for a bound parameter.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- What the fold joined: bodies once by hash, names, registers, facts of runs, jobs and datasets.
CREATE TABLE body (sha BLOB PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE name (key TEXT PRIMARY KEY, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    created_at TEXT NOT NULL, real INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE field (dataset TEXT, path TEXT, PRIMARY KEY (dataset, path)) WITHOUT ROWID;
CREATE TABLE register (entity TEXT, facet TEXT, stamp TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (entity, facet)) WITHOUT ROWID;
CREATE TABLE schema_claim (dataset TEXT, run TEXT, stamp TEXT, low INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (dataset, run, stamp)) WITHOUT ROWID;
CREATE INDEX schema_claim_rank ON schema_claim (dataset, low, stamp);
CREATE INDEX schema_claim_run ON schema_claim (run);
CREATE TABLE run_fact (run TEXT, ord TEXT, fact BLOB NOT NULL, type TEXT NOT NULL, PRIMARY KEY (run, ord)) WITHOUT ROWID;
CREATE TABLE run_mention (run TEXT, ord TEXT, job TEXT, PRIMARY KEY (run, ord, job)) WITHOUT ROWID;
CREATE TABLE job_event (job TEXT, ord TEXT, declared BLOB NOT NULL, PRIMARY KEY (job, ord)) WITHOUT ROWID;
CREATE TABLE job_type (job TEXT, ord TEXT, processing TEXT NOT NULL, snapshot INTEGER NOT NULL,
    PRIMARY KEY (job, ord)) WITHOUT ROWID;
CREATE INDEX job_type_kind ON job_type (job, processing, snapshot);
CREATE TABLE job_parent (job TEXT PRIMARY KEY, ord TEXT NOT NULL, parent TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE told (dataset TEXT, ord TEXT, told BLOB NOT NULL, PRIMARY KEY (dataset, ord)) WITHOUT ROWID;
CREATE TABLE checked (dataset TEXT, ord TEXT, checked BLOB NOT NULL, PRIMARY KEY (dataset, ord)) WITHOUT ROWID;
CREATE TABLE mention (name TEXT, job TEXT, dataset TEXT, PRIMARY KEY (name, job, dataset)) WITHOUT ROWID;
CREATE INDEX mention_job ON mention (job, name);
CREATE TABLE said (entity TEXT, slot TEXT, stamp TEXT NOT NULL, body BLOB NOT NULL, -- what facets of others say of it
    PRIMARY KEY (entity, slot)) WITHOUT ROWID;
CREATE TABLE started (subject TEXT, person TEXT, evidence TEXT, at TEXT NOT NULL,
    PRIMARY KEY (subject, person, evidence)) WITHOUT ROWID;
CREATE TABLE learning (dataset TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID; -- views and models alone
CREATE TABLE keyed (entity TEXT, view TEXT, PRIMARY KEY (entity, view)) WITHOUT ROWID; -- which entity keys a view
CREATE TABLE described (dataset TEXT PRIMARY KEY) WITHOUT ROWID;

-- Which names are one (rule F9).
CREATE TABLE link (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX link_back ON link (b, a);
CREATE TABLE alias (name TEXT PRIMARY KEY, canonical TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX alias_back ON alias (canonical);
CREATE TABLE unmerged (name TEXT PRIMARY KEY, first TEXT NOT NULL) WITHOUT ROWID;

-- What was derived from it, and is needed to derive the next change.
CREATE TABLE run (run TEXT PRIMARY KEY, job TEXT NOT NULL, completed TEXT NOT NULL, reads BLOB NOT NULL,
    typed INTEGER NOT NULL, low TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE observation (id INTEGER PRIMARY KEY, job TEXT NOT NULL, output TEXT NOT NULL, at TEXT NOT NULL,
    run TEXT NOT NULL, attempt INTEGER NOT NULL, parent TEXT NOT NULL, role INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE act (job TEXT, direction TEXT, dataset TEXT, run TEXT, complete INTEGER NOT NULL,
    PRIMARY KEY (job, direction, dataset, run)) WITHOUT ROWID;
CREATE TABLE used (job TEXT, direction TEXT, dataset TEXT, acts INTEGER NOT NULL, complete INTEGER NOT NULL,
    PRIMARY KEY (job, direction, dataset)) WITHOUT ROWID;
CREATE TABLE declaration (job TEXT, direction TEXT, dataset TEXT, PRIMARY KEY (job, direction, dataset)) WITHOUT ROWID;
CREATE TABLE lifecycle (dataset TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, other TEXT NOT NULL,
    job TEXT NOT NULL, run TEXT NOT NULL, attempt INTEGER NOT NULL);
CREATE TABLE deployed (run TEXT PRIMARY KEY, job TEXT NOT NULL, began TEXT NOT NULL, state TEXT NOT NULL,
    facet BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE settled (job TEXT, output TEXT, at TEXT, level INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (job, output, at)) WITHOUT ROWID;

-- How many run events of each type have their time in each quarter of an hour, of those that are not suspect.
CREATE TABLE quarter (at TEXT, type TEXT, events INTEGER NOT NULL, PRIMARY KEY (at, type)) WITHOUT ROWID;

-- What the graph shows: only what differs from it is written.
CREATE TABLE edge (job TEXT, target TEXT, type TEXT, source TEXT, source_path TEXT, target_path TEXT,
    open INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (job, target, type, source, source_path, target_path)) WITHOUT ROWID;
CREATE TABLE io (job TEXT, direction TEXT, dataset TEXT, evidence TEXT NOT NULL, declared INTEGER NOT NULL,
    current INTEGER NOT NULL, PRIMARY KEY (job, direction, dataset)) WITHOUT ROWID;
CREATE TABLE shown (key TEXT PRIMARY KEY, parts BLOB NOT NULL) WITHOUT ROWID;
