"""From state to rows of the graph: one file per kind of node (DESIGN 7). Pure but for reading the state."""
