"""What Marquez's API asks, answered from the graph in Marquez's shapes."""
