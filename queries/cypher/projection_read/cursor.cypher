// Up to which journal position is the graph made, from which journal, and is it being rebuilt?
// mode: read
// params:
// returns: cursor, journal, state, rebuilding
MATCH (p:Projection {key: "projection"})
RETURN p.cursor AS cursor, p.journal AS journal, p.state AS state, p.rebuilding AS rebuilding
