-- What finds the rows that runs gave, and keeps up what is counted of them. A rebuild adds it once those rows are in:
-- sorting them once is much cheaper than finding a place for each (ingest/state.py, `State.complete`).

CREATE INDEX run_fact_time ON run_fact (ord);
CREATE INDEX run_completed ON run (job, completed, run);
CREATE INDEX observation_pair ON observation (job, output, at);
CREATE INDEX observation_run ON observation (run);
CREATE INDEX observation_write ON observation (output, role, at);
CREATE INDEX observation_parent ON observation (parent, job, output, at);
CREATE INDEX act_run ON act (run);
CREATE INDEX act_dataset ON act (dataset);
CREATE INDEX lifecycle_dataset ON lifecycle (dataset, kind, at);
CREATE INDEX lifecycle_other ON lifecycle (other);
CREATE INDEX lifecycle_run ON lifecycle (run);
CREATE INDEX deployed_job ON deployed (job, began, run);
CREATE INDEX settled_output ON settled (output);

-- Run events by quarters of an hour: an order is one digit and a time (ingest/facts.py).
INSERT INTO quarter
    SELECT substr(ord, 2, 14) || printf('%02d', substr(ord, 16, 2) / 15 * 15), type, count(*)
    FROM run_fact WHERE ord >= '1' GROUP BY 1, 2;
CREATE TRIGGER run_fact_new AFTER INSERT ON run_fact WHEN NEW.ord >= '1' BEGIN
    INSERT INTO quarter VALUES (substr(NEW.ord, 2, 14) || printf('%02d', substr(NEW.ord, 16, 2) / 15 * 15), NEW.type, 1)
    ON CONFLICT DO UPDATE SET events = events + 1;
END;

-- How many runs of a job read or wrote a dataset, and how many of them are known to be complete.
INSERT INTO used SELECT job, direction, dataset, count(*), sum(complete) FROM act GROUP BY job, direction, dataset;
CREATE TRIGGER act_new AFTER INSERT ON act BEGIN
    INSERT INTO used VALUES (NEW.job, NEW.direction, NEW.dataset, 1, NEW.complete)
    ON CONFLICT DO UPDATE SET acts = acts + 1, complete = complete + NEW.complete;
END;
CREATE TRIGGER act_gone AFTER DELETE ON act BEGIN
    UPDATE used SET acts = acts - 1, complete = complete - OLD.complete
    WHERE job = OLD.job AND direction = OLD.direction AND dataset = OLD.dataset;
    DELETE FROM used WHERE job = OLD.job AND direction = OLD.direction AND dataset = OLD.dataset AND acts = 0;
END;
-- What makes a settled part of a sequence wrong (ingest/derive/settled.py) deletes it.
CREATE TRIGGER observation_new AFTER INSERT ON observation BEGIN
    DELETE FROM settled WHERE job = NEW.job AND output = NEW.output AND at >= NEW.at;
END;
CREATE TRIGGER observation_of_parent AFTER INSERT ON observation WHEN NEW.parent <> '' BEGIN
    DELETE FROM settled WHERE job = NEW.job AND output = NEW.output AND EXISTS (SELECT 1 FROM observation AS o
        WHERE o.parent = NEW.parent AND o.job = NEW.job AND o.output = NEW.output AND o.at <= settled.at);
END;
CREATE TRIGGER observation_of_dropper AFTER INSERT ON observation WHEN NEW.run <> '' BEGIN
    DELETE FROM settled WHERE job = NEW.job AND output = NEW.output AND EXISTS (SELECT 1 FROM lifecycle AS l
        WHERE l.run = NEW.run AND l.dataset = NEW.output AND l.kind = 'DROP' AND l.at <= settled.at);
END;
CREATE TRIGGER observation_gone AFTER DELETE ON observation BEGIN
    DELETE FROM settled WHERE job = OLD.job AND output = OLD.output AND at >= OLD.at;
END;
CREATE TRIGGER drop_new AFTER INSERT ON lifecycle WHEN NEW.kind = 'DROP' BEGIN
    DELETE FROM settled WHERE output = NEW.dataset AND (at >= NEW.at OR EXISTS (SELECT 1 FROM observation AS o
        WHERE o.run = NEW.run AND o.output = NEW.dataset AND o.at <= settled.at));
END;
CREATE TRIGGER drop_gone AFTER DELETE ON lifecycle WHEN OLD.kind = 'DROP' BEGIN
    DELETE FROM settled WHERE output = OLD.dataset AND (at >= OLD.at OR EXISTS (SELECT 1 FROM observation AS o
        WHERE o.run = OLD.run AND o.output = OLD.dataset AND o.at <= settled.at));
END;
