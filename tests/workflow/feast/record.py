"""How was `recorded/` made? By this script, with a real Feast: `make workflow`, then see README.md beside it.

    .workflow-venv/bin/python tests/workflow/feast/record.py FOLDER

FOLDER is a scratch copy of story/feature_repo. Runs in Feast's environment, and is no part of the tests.
"""

from __future__ import annotations

import importlib.util
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from feast import FeatureStore
from feast.infra.offline_stores.file_source import SavedDatasetFileStorage
from feast.openlineage import FeastOpenLineageEmitter, OpenLineageConfig


def main(folder: Path) -> None:
    """Apply twice, retrieve, save a dataset, push, materialize, let one materialization fail, emit the registry."""
    store = FeatureStore(str(folder))
    objects = _objects(folder)
    store.apply(objects)
    store.apply(objects)
    now = datetime.now(UTC)
    service = store.get_feature_service("loan_approval_1")
    applicants = pd.DataFrame({"applicant_id": [1, 2, 3], "event_timestamp": [pd.Timestamp(now)] * 3})
    job = store.get_historical_features(features=service, entity_df=applicants)
    storage = SavedDatasetFileStorage(path="data/training.parquet")
    store.create_saved_dataset(
        job, "loans_training", storage, tags={"owner": "models@loans.example"}, feature_service=service
    )
    store.materialize(now - timedelta(days=40), now)
    store._provider.materialize_single_feature_view = _full
    with suppress(OSError):
        store.materialize(now - timedelta(days=1), now + timedelta(hours=1), feature_views=["credit_history"])
    emitter = FeastOpenLineageEmitter(OpenLineageConfig(enabled=True, namespace="feast://loans.example"))
    emitter.emit_registry_lineage(store.registry, store.project)


def _full(*_: object, **__: object) -> None:
    raise OSError("disk full")


def _objects(folder: Path) -> list[object]:
    spec = importlib.util.spec_from_file_location("features", folder / "features.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kinds = (
        "Entity",
        "FileSource",
        "PushSource",
        "RequestSource",
        "FeatureView",
        "StreamFeatureView",
        "OnDemandFeatureView",
        "FeatureService",
    )
    return [one for one in vars(module).values() if type(one).__name__ in kinds]


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
