// When was a dataset first named, dropped and renamed, and by which run?
// mode: read
// params: key
// returns: changed
MATCH (here:Dataset {key: $key})
USING INDEX SEEK here:Dataset(key)
RETURN here {.created_at, .changes, .changed_at, .changed_other, .changed_by, .changes_earlier} AS changed
