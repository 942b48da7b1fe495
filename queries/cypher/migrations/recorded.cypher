// Which migrations has this database had?
// mode: read
// returns: keys
MATCH (m:Migration) RETURN collect(m.key) AS keys
