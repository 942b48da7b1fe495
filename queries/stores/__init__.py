"""How is each kind of graph engine spoken to? The only place that knows a driver."""
