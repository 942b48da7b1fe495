"""What does a run say as events?

Which job a run is of depends on what it did: it logged a model (train), was given one (validate), applied one (score), or
none of these (run). That is known for certain when it has ended, so START is told, with its own time, together with the end;
only a run that has logged a model is known to train before. What changes later is told by an event of type OTHER.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from .experiments import experiment_facets
from .facets import Json, dataset, facets, instant, job, job_type, known, pairs, run_event, texts
from .feast import Retrieval, Selection, retrieval_facet, retrievals, selected, selections
from .models import LOGGED_MODEL, ModelSeen, logged_model_facet
from .names import (
    Name,
    Place,
    input_name,
    job_name,
    logged_model,
    model_version,
    run_artifact,
    run_uuid,
)
from .signature import ambiguous, column_lineage, columns, named, schema

ENDS: Final = {"FINISHED": "COMPLETE", "FAILED": "FAIL", "KILLED": "ABORT"}
SCORING: Final = frozenset({"inference", "scoring", "prediction"})
PARENT_RUN: Final = "mlflow.parentRunId"
PARENT: Final = "openlineage.parent."
"""Under this the context provider of the client plugin writes the OpenLineage run that started this one."""

OWN: Final = "headwater."
TOLD: Final = "headwater.told"
"""Under this the client plugin keeps the digest of what it told of a run."""

UNWIELDY: Final = frozenset({"mlflow.log-model.history"})
"""Tags that say again, at length, what the run's outputs say."""


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run as MLflow answers `runs/get`, its experiment, and what else is known of it.

    `models` are the logged models among its outputs, `paths` what of its own artifacts was registered, `parent` the run
    and job of its parent where that is known.
    """

    run: Json
    experiment: Json
    models: Mapping[str, ModelSeen] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    parent: tuple[str, Name] | None = None

    @property
    def info(self) -> Json:
        """Give the part that MLflow calls so."""
        return _part(self.run, "info")

    @property
    def run_id(self) -> str:
        """Give MLflow's id of the run."""
        return str(self.info.get("run_id") or self.info.get("run_uuid") or "")

    @property
    def tags(self) -> dict[str, str]:
        """Give its tags."""
        return texts(_part(self.run, "data").get("tags"))


def model_ids(run: Json, side: str) -> list[str]:
    """List the models of a run; `side` is inputs or outputs."""
    listed = _part(run, side).get(f"model_{side}")
    found = [str(one.get("model_id", "")) for one in listed or () if isinstance(one, dict)]
    return sorted({one for one in found if one})


def parent_id(run: Json) -> str:
    """Give the MLflow run that this one is nested in, or "" where there is none."""
    return texts(_part(run, "data").get("tags")).get(PARENT_RUN, "")


def is_over(run: Json) -> bool:
    """Tell whether a run has ended, or was deleted before it did."""
    info = _part(run, "info")
    return info.get("status") in ENDS or info.get("lifecycle_stage") == "deleted"


def role(seen: RunSeen) -> str:
    """Say what a run did."""
    if model_ids(seen.run, "outputs") or seen.paths:
        return "train"
    if model_ids(seen.run, "inputs"):
        return "validate"
    contexts = {_context(one).lower() for one in _datasets(seen.run)}
    if "feast.model_name" in seen.tags or contexts & SCORING:
        return "score"
    return "run"


def job_of(seen: RunSeen) -> str:
    """Name the job of a run that was never told before."""
    return job_name(str(seen.experiment.get("name", "")), role(seen))


def start_event(place: Place, seen: RunSeen, of: str) -> Json:
    """Tell that a run began, at the time it did."""
    run = {"runId": run_uuid(seen.run_id), "facets": facets({"parent": _parent(seen)})}
    kind = job(place.namespace, of, {"jobType": job_type(of.rpartition("/")[2].upper())})
    return run_event("START", began_at(seen), run=run, of=kind, inputs=(), outputs=())


def content(place: Place, seen: RunSeen, of: str) -> Json:
    """Give all that is told of a run, without a time: what its hash is taken of, and what its events carry."""
    found = retrievals(seen.tags)
    fetched = _marked(seen, selections(place, found))
    return {
        "run": {"runId": run_uuid(seen.run_id), "facets": facets(_run_facets(place, seen, found))},
        "of": job(place.namespace, of, experiment_facets(seen.experiment, of.rpartition("/")[2])),
        "inputs": _inputs(place, seen, fetched),
        "outputs": [*_models(place, seen, fetched), *_paths(place, seen)],
    }


def told_event(kind: str, time: str, told: Json) -> Json:
    """Write the event that tells a run's content."""
    return run_event(
        kind, time, run=told["run"], of=told["of"], inputs=told["inputs"], outputs=told["outputs"]
    )


def digest_of(told: Json) -> str:
    """Hash a run's content; a logged model is hashed for itself, for its metrics come from other runs too."""
    outputs = [
        {
            **one,
            "facets": {name: facet for name, facet in one["facets"].items() if name != "mlflow_loggedModel"},
        }
        for one in told["outputs"]
    ]
    text = json.dumps({**told, "outputs": outputs}, sort_keys=True, separators=(",", ":"), default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def end_of(seen: RunSeen) -> tuple[str, str]:
    """Give the type and the time of a run's end; one deleted while open has ended when it was last heard of."""
    info = seen.info
    latest = instant(info.get("end_time")) or instant(_latest_metric(seen.run)) or began_at(seen)
    return ENDS.get(str(info.get("status")), "ABORT"), max(latest, began_at(seen))


def began_at(seen: RunSeen) -> str:
    """Give the time a run began; clients need not send one, then the first that is known."""
    info = seen.info
    metrics = _metric_times(seen.run)
    times = (
        info.get("start_time"),
        info.get("end_time"),
        min(metrics, default=0),
        seen.experiment.get("creation_time"),
    )
    return next(
        (found for one in times if (found := instant(one)) is not None), "1970-01-01T00:00:00.000000Z"
    )


def _marked(seen: RunSeen, fetched: list[Selection]) -> list[Selection]:
    """Take from what is certain the features of which a model's column may be one or another view's."""
    used = [column for model in seen.models.values() for column in columns(model.inputs)]
    unsure = ambiguous(used, fetched)
    return [
        Selection(
            one.view,
            tuple(name for name in one.features if name not in unsure),
            tuple(sorted({*one.ambiguous, *(name for name in one.features if name in unsure)})),
        )
        for one in fetched
    ]


def _run_facets(place: Place, seen: RunSeen, found: list[Retrieval]) -> dict[str, Json | None]:
    data, tags, info = _part(seen.run, "data"), seen.tags, seen.info
    params = texts(data.get("params"))
    body = {
        "runId": seen.run_id,
        "runName": info.get("run_name") or tags.get("mlflow.runName"),
        "experimentId": str(info.get("experiment_id", "")),
        "experimentName": seen.experiment.get("name"),
        "status": info.get("status"),
        "userId": info.get("user_id") or tags.get("mlflow.user"),
        "params": params or None,
        "metrics": pairs(data.get("metrics")) or None,
        "tags": {name: value for name, value in tags.items() if not _is_own(name)} or None,
        "sourceName": tags.get("mlflow.source.name"),
        "sourceType": tags.get("mlflow.source.type"),
        "gitCommit": tags.get("mlflow.source.git.commit"),
        "lifecycleStage": info.get("lifecycle_stage"),
    }
    listed = [{"key": key, "name": key, "value": value} for key, value in sorted(params.items())]
    return {
        "mlflow_run": known(body),
        "executionParameters": {"parameters": listed} if listed else None,
        "feast_retrieval": retrieval_facet(place, found),
        "parent": _parent(seen),
    }


def _is_own(tag: str) -> bool:
    return tag in UNWIELDY or tag.startswith(OWN)


def _parent(seen: RunSeen) -> Json | None:
    """Write the parent: the MLflow run around this one once its job is known, else the one that started it."""
    tags = seen.tags
    started = _started_by(tags)
    if seen.parent is not None:
        run_id, (namespace, name) = seen.parent
        own = {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": name}}
        return {**own, "root": started} if started else own
    return None if tags.get(PARENT_RUN) else started


def _started_by(tags: Mapping[str, str]) -> Json | None:
    run_id, namespace, name = (tags.get(PARENT + part) for part in ("run_id", "job_namespace", "job_name"))
    if not run_id or not namespace or not name:
        return None
    return {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": name}}


def _inputs(place: Place, seen: RunSeen, fetched: list[Selection]) -> list[Json]:
    found = [written for one in _datasets(seen.run) if (written := _logged_input(place, one)) is not None]
    found += [selected(one) for one in fetched]
    outputs = set(model_ids(seen.run, "outputs"))
    found += [
        dataset(logged_model(place, one), {"datasetType": LOGGED_MODEL})
        for one in model_ids(seen.run, "inputs")
        if one not in outputs  # metrics of a model that this run itself made
    ]
    name, version = (seen.tags.get(f"feast.model_{part}") for part in ("name", "version"))
    if name and version:
        found.append(dataset(model_version(place, name, version), {}))
    return found


def _logged_input(place: Place, given: Json) -> Json | None:
    about = _part(given, "dataset")
    name = input_name(place, about)
    if name is None:
        return None
    digest = str(about.get("digest", ""))
    mark = {
        "name": str(about.get("name", "")),
        "digest": digest,
        "context": _context(given),
        "sourceType": about.get("source_type"),
        "source": about.get("source"),
    }
    rows = _object(about.get("profile")).get("num_rows")
    spec = _object(about.get("schema")).get("mlflow_colspec")
    written = dataset(
        name,
        {
            "version": {"datasetVersion": digest} if digest else None,
            "schema": schema(named(spec)),
        },
    )
    statistics = {"rowCount": rows} if isinstance(rows, int) and rows >= 0 else None
    return {**written, "inputFacets": facets({"mlflow_input": known(mark), "inputStatistics": statistics})}


def _models(place: Place, seen: RunSeen, fetched: Iterable[Selection]) -> list[Json]:
    written = []
    for model_id in model_ids(seen.run, "outputs"):
        model = seen.models.get(model_id)
        used = columns(model.inputs if model is not None else None)
        given: dict[str, Json | None] = {
            "datasetType": LOGGED_MODEL,
            "schema": schema(used),
            "columnLineage": column_lineage(used, fetched),
            "mlflow_loggedModel": None if model is None else logged_model_facet(model.model),
        }
        written.append(dataset(logged_model(place, model_id), given))
    return written


def _paths(place: Place, seen: RunSeen) -> list[Json]:
    return [
        dataset(run_artifact(place, seen.run_id, path), {"datasetType": LOGGED_MODEL}) for path in seen.paths
    ]


def _datasets(run: Json) -> list[Json]:
    listed = _part(run, "inputs").get("dataset_inputs")
    return [one for one in listed or () if isinstance(one, dict)]


def _context(given: Json) -> str:
    return texts(given.get("tags")).get("mlflow.data.context", "")


def _metric_times(run: Json) -> list[int]:
    listed = _part(run, "data").get("metrics")
    times = [one.get("timestamp") for one in listed or () if isinstance(one, dict)]
    return [one for one in times if isinstance(one, int) and one > 0]


def _latest_metric(run: Json) -> int:
    return max(_metric_times(run), default=0)


def _part(whole: Mapping[str, Any], name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _object(text: object) -> Json:
    try:
        read = json.loads(str(text))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
