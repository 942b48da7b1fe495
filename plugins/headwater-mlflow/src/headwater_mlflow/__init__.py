"""How does an unchanged training script tell its lineage? By stores that stand in for MLflow's own.

stores    MLflow's REST stores, which take note of what ends and what is registered
telling   reads what ended back from MLflow and emits it, in a thread of its own
retrievals  keeps every retrieval from Feast, where its tags keep the last alone
parent    the run that started this one, from OPENLINEAGE_PARENT_ID
mapping   from MLflow's answers to events: the very files that the Headwater server uses (`ingest/sources/mlflow/mapping`)

Nothing here may break a training: whatever goes wrong is logged as a warning by `headwater_mlflow`, and that is all.
"""
