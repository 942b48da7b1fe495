// Does the engine answer?
// mode: read
// returns: up
RETURN 1 AS up
