// Up to which journal position is the graph made, from which journal, is it being rebuilt, and what do its rows mean?
// mode: read
// params:
// returns: cursor, journal, state, rebuilding, version
MATCH (p:Projection {key: "projection"})
USING INDEX SEEK p:Projection(key)
RETURN p.cursor AS cursor, p.journal AS journal, p.state AS state, p.rebuilding AS rebuilding,
  p.version AS version
