"""What people and release pipelines say over the surfaces of their own: each act becomes one OpenLineage event."""
