"""What do MLflow's experiments, runs and models say as OpenLineage events?

Pure: from the JSON of MLflow's REST API to events. The client plugin (`plugins/headwater-mlflow`) makes its events by these
very files, so that both give one run and one graph; so they know nothing but the standard library and each other.

facets       how facets are written
names        which namespace, job, run and dataset is meant
feast        what a run's tags say of a feature store
signature    which columns a model really uses, and which features they are
runs         from a run to its events
models       from logged models and the registry to events
experiments  from an experiment to its job event
"""
