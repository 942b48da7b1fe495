"""What does a large workflow of machine learning look like, as events? Seeded, as `bench/estate.py` is.

A table of the lake is made of three raw ones and holds the features of one view. Each experiment takes some features of a few
views, always the same, and runs often; every fifth run's model is registered; the last version of each model is deployed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from app.demo.shapes import Json, column_lineage, job, run_event, schema
from graph_schema.identity import dataset_key, named_key

RAW: Final = "postgres://core.bench.example:5432"
LAKE: Final = "s3://bench-lake"
FEAST: Final = "feast://bench.example/project"
MLFLOW: Final = "mlflow://bench.example"
SERVING: Final = "serving://bench.example"
FEATURES_OF_A_VIEW: Final = 20
REGISTERED_EVERY: Final = 5
_USED: Final = 5
"""Features of each view that a run uses; it fetches as many again."""

_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Learning:
    """How large it is; `runs` are those of each experiment."""

    experiments: int
    runs: int
    features: int
    seed: int = 7

    @property
    def views(self) -> int:
        """How many views hold so many features."""
        return max(self.features // FEATURES_OF_A_VIEW, 1)


def raw_key(number: int) -> str:
    return dataset_key(RAW, _raw(number))


def model_key(experiment: int) -> str:
    return named_key("model", MLFLOW, _model(experiment))


def experiment_key(experiment: int) -> str:
    return named_key("experiment", MLFLOW, str(experiment))


def views_of(size: Learning) -> list[list[int]]:
    """Draw which views each experiment takes features from."""
    rng = random.Random(size.seed)
    return [
        sorted(rng.sample(range(size.views), min(size.views, rng.choice((2, 3, 4, 5)))))
        for _ in range(size.experiments)
    ]


def events(size: Learning) -> Iterator[Json]:
    """Write all events, in order."""
    clock, ids = iter(_moments()), random.Random(size.seed + 1)
    for view in range(size.views):
        yield from _view(view, clock, ids)
    chosen = views_of(size)
    versions = [0] * size.experiments
    for turn in range(size.runs):
        for experiment, views in enumerate(chosen):
            model = f"m-{experiment:05d}-{turn:03d}"
            run = _uuid(ids)
            yield _training(experiment, views, model, run, next(clock))
            if turn % REGISTERED_EVERY == REGISTERED_EVERY - 1:
                versions[experiment] += 1
                yield _registration(
                    experiment, versions[experiment], model, run, at=next(clock), own=_uuid(ids)
                )
    for experiment, version in enumerate(versions):
        if version:
            yield _deployment(experiment, version, next(clock), _uuid(ids))


def _moments() -> Iterator[str]:
    at = _BEGIN
    while True:
        at += _STEP
        yield at.isoformat().replace("+00:00", "Z")


def _uuid(ids: random.Random) -> str:
    return str(UUID(int=ids.getrandbits(128), version=4))


def _raw(number: int) -> str:
    return f"core.public.raw_{number:05d}"


def _model(experiment: int) -> str:
    return f"model_{experiment:05d}"


def _columns() -> list[str]:
    return [f"feature_{number:02d}" for number in range(FEATURES_OF_A_VIEW)]


def _named(namespace: str, name: str, **facets: Json) -> Json:
    return {"namespace": namespace, "name": name, "facets": facets}


def _view(number: int, clock: Iterator[str], ids: random.Random) -> Iterator[Json]:
    """Write the job that makes a table of the lake, and the view made of it."""
    columns = schema(dict.fromkeys(_columns(), "Float64"))
    lake = _named(LAKE, f"features_{number:05d}", schema=columns)
    sources = [_named(RAW, _raw(3 * number + place)) for place in range(3)]
    yield run_event(
        "COMPLETE", next(clock), run=_uuid(ids), of=job("airflow", f"etl.features_{number:05d}"),
        inputs=sources, outputs=[lake],
    )  # fmt: skip
    view = {"name": f"view_{number:05d}", "entities": ["customer"], "features": _columns()}
    of = {
        "namespace": FEAST,
        "name": f"feature_view_{view['name']}",
        "facets": {"feast_featureView": view, "feast_jobKind": {"kind": "definition"}},
    }
    kind = {"datasetType": "FEATURE_VIEW"}
    output = _named(FEAST, f"view_{number:05d}", schema=columns, datasetType=kind)
    yield run_event("COMPLETE", next(clock), run=_uuid(ids), of=of, inputs=[lake], outputs=[output])


def _training(experiment: int, views: list[int], model: str, run: str, at: str) -> Json:
    fetched = _columns()[: 2 * _USED]
    inputs = [
        {
            **_named(FEAST, f"view_{view:05d}"),
            "inputFacets": {"feast_featureSelection": {"features": fetched, "mode": "FETCHED"}},
        }
        for view in views
    ]
    used = {
        f"{view}_{name}": [{"namespace": FEAST, "name": f"view_{view:05d}", "field": name}]
        for view in views
        for name in fetched[:_USED]
    }
    logged = {"modelId": model, "sourceRunId": run, "status": "READY", "experimentId": str(experiment)}
    output = _named(MLFLOW, f"models/{model}", mlflow_loggedModel=logged, columnLineage=column_lineage(used))
    said = {
        "runId": run, "experimentId": str(experiment), "experimentName": f"experiment {experiment}",
        "userId": f"user{experiment % 40}", "params": {"C": "0.5", "max_iter": "500"}, "metrics": {"auc": 0.9},
    }  # fmt: skip
    made = run_event(
        "COMPLETE", at, run=run, of=job(MLFLOW, f"experiment {experiment}/train"), inputs=inputs, outputs=[output]
    )  # fmt: skip
    made["run"]["facets"] = {"mlflow_run": said}
    return made


def _registration(experiment: int, version: int, model: str, run: str, *, at: str, own: str) -> Json:
    name = _model(experiment)
    stated = {"name": name, "version": str(version), "modelId": model, "runId": run, "status": "READY"}
    output = _named(
        MLFLOW, f"models/{name}/{version}", mlflow_modelVersion=stated,
        datasetType={"datasetType": "MODEL", "subType": "MODEL_VERSION"},
    )  # fmt: skip
    of = job(MLFLOW, f"registry/{name}")
    return run_event(
        "COMPLETE", at, run=own, of=of, inputs=[_named(MLFLOW, f"models/{model}")], outputs=[output]
    )


def _deployment(experiment: int, version: int, at: str, own: str) -> Json:
    name = _model(experiment)
    of = {
        "namespace": SERVING,
        "name": name,
        "facets": {
            "jobType": {"processingType": "SERVICE", "integration": "HEADWATER", "jobType": "DEPLOYMENT"},
            "mlops_deployment": {"name": name, "environment": "prod", "revision": "1"},
        },
    }
    return run_event("START", at, run=own, of=of, inputs=[_named(MLFLOW, f"models/{name}/{version}")])
