// What an operator may want to look into is listed by these, however many runs and datasets there are: only the
// nodes concerned have the property, and its values are keys, which have a bounded length.
// mode: schema
CREATE INDEX run_clash IF NOT EXISTS FOR (n:Run) ON (n.clash);
CREATE INDEX dataset_unmerged IF NOT EXISTS FOR (n:Dataset) ON (n.unmerged);
