"""Which statements does the graph answer, on which stores? Cypher files and the typed questions over them."""
