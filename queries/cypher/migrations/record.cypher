// Remember that a migration ran.
// mode: write
// params: key, at
MERGE (m:Migration {key: $key}) SET m.at = $at
