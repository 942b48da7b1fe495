"""What do logged models and the registry say as events?

A version is a dataset, for MLflow's own address of it is one (`models:/NAME/VERSION`), and a registration a run of its own.
What changes later without a run (an alias, a tag, a description, a deletion) is a dataset event at the time it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .facets import (
    Json,
    dataset,
    dataset_event,
    facets,
    instant,
    job,
    job_type,
    known,
    run_event,
    texts,
)
from .names import (
    Place,
    logged_model,
    model_version,
    registration_job,
    registration_run,
    source_of_version,
)

LOGGED_MODEL: Final[Json] = {"datasetType": "MODEL", "subType": "LOGGED_MODEL"}
MODEL_VERSION: Final[Json] = {"datasetType": "MODEL", "subType": "MODEL_VERSION"}
PROMPT: Final = "mlflow.prompt.is_prompt"
STATUS: Final = "LOGGED_MODEL_"
_LASTING: Final = ("name", "version", "source", "run_id", "model_id")
UNKNOWN_TIME: Final = "1970-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class ModelSeen:
    """A logged model as MLflow answers it, and its signature's inputs (JSON) where its files were read."""

    model: Json
    inputs: str | None = None


def is_prompt(registered: Json) -> bool:
    """Tell whether a registered model is a prompt: MLflow keeps both in one registry."""
    return texts(registered.get("tags")).get(PROMPT, "").lower() == "true"


def aliases_of(registered: Json) -> dict[str, str]:
    """Read which version each alias points to."""
    listed = registered.get("aliases")
    found = [one for one in listed or () if isinstance(one, dict)]
    return {str(one.get("alias", "")): str(one.get("version", "")) for one in found}


def logged_model_facet(model: Json, *, deleted: bool = False) -> Json:
    """Write the body of `mlflow_loggedModel`."""
    info, data = _part(model, "info"), _part(model, "data")
    measured = [
        known(
            {
                "key": str(one.get("key", "")),
                "value": one.get("value", 0),
                "runId": one.get("run_id"),
                "datasetName": one.get("dataset_name"),
                "datasetDigest": one.get("dataset_digest"),
            }
        )
        for one in data.get("metrics") or ()
        if isinstance(one, dict)
    ]
    body = {
        "modelId": str(info.get("model_id", "")),
        "name": info.get("name"),
        "status": str(info.get("status", "")).removeprefix(STATUS),
        "sourceRunId": info.get("source_run_id"),
        "experimentId": info.get("experiment_id"),
        "params": texts(data.get("params")) or None,
        "metrics": sorted(measured, key=repr) or None,
        "artifactLocation": info.get("artifact_uri"),
        "deleted": deleted,
    }
    return known(body)


def logged_model_event(place: Place, model: Json, at: str | None, *, deleted: bool = False) -> Json:
    """Tell a logged model outside of a run: when it was made, or at the time a change was found."""
    info = _part(model, "info")
    given: dict[str, Json | None] = {
        "datasetType": LOGGED_MODEL,
        "mlflow_loggedModel": logged_model_facet(model, deleted=deleted),
        "lifecycleStateChange": {"lifecycleStateChange": "DROP"} if deleted else None,
    }
    made = instant(info.get("creation_timestamp_ms"))
    name = logged_model(place, str(info.get("model_id", "")))
    return dataset_event(at or made or UNKNOWN_TIME, about=dataset(name, given))


def version_facets(registered: Json, version: Json, *, deleted: bool = False) -> dict[str, Json | None]:
    """Write what is told of a version, its model included."""
    number = str(version.get("version", ""))
    aliases = aliases_of(registered)
    source = str(version.get("source", ""))
    body = {
        "name": str(version.get("name", "")),
        "version": number,
        "modelId": version.get("model_id") or _model_id(source),
        "runId": version.get("run_id"),
        "source": source,
        "status": version.get("status"),
        "stage": version.get("current_stage"),
        "aliases": sorted(alias for alias, of in aliases.items() if of == number),
        "tags": texts(version.get("tags")),
        "description": version.get("description"),
        "deleted": deleted,
    }
    return {
        "datasetType": MODEL_VERSION,
        "version": {"datasetVersion": number},
        "documentation": {"description": version["description"]} if version.get("description") else None,
        "mlflow_modelVersion": known(body),
        "mlflow_registeredModel": registered_facet(registered),
    }


def registered_facet(registered: Json, *, deleted: bool = False) -> Json:
    """Write the body of `mlflow_registeredModel`; which version is the newest is not part of it."""
    body = {
        "name": str(registered.get("name", "")),
        "aliases": aliases_of(registered),
        "tags": texts(registered.get("tags")),
        "description": registered.get("description"),
        "deleted": deleted,
    }
    return known(body)


def registration_event(place: Place, version: Json) -> Json:
    """Tell that a version was registered, at the time it was, with what has been so since then and can never change.

    Whoever tells it, and whenever, tells the same.
    """
    name, number = str(version.get("name", "")), str(version.get("version", ""))
    source = source_of_version(place, str(version.get("source", "")))
    given = version_facets({"name": name}, {one: version[one] for one in _LASTING if one in version})
    lasting = {facet: body for facet, body in given.items() if facet != "mlflow_registeredModel"}
    target = model_version(place, name, number)
    lineage = None if source is None else {"entries": [{**_named(target), "inputs": [_named(source)]}]}
    return run_event(
        "COMPLETE",
        instant(version.get("creation_timestamp")) or UNKNOWN_TIME,
        run={"runId": registration_run(place, name, number), "facets": facets({})},
        of=job(
            place.namespace,
            registration_job(name),
            {"jobType": job_type("REGISTRATION"), "lineage": lineage},
        ),
        inputs=[] if source is None else [_source(source)],
        outputs=[dataset(target, lasting)],
    )


def _named(one: tuple[str, str]) -> Json:
    """Name a dataset in a `lineage` facet: what a version was made from is known, and no guess."""
    return {"type": "DATASET", "namespace": one[0], "name": one[1]}


def says_more(registered: Json, version: Json) -> bool:
    """Tell whether more is known of a version than its registration tells."""
    return (
        bool(registered.get("aliases") or registered.get("tags") or registered.get("description"))
        or bool(version.get("tags") or version.get("description"))
        or version.get("current_stage") not in {None, "", "None"}
        or version.get("status") not in {None, "", "READY"}
    )


def version_event(place: Place, given: Mapping[str, Json | None], at: str, *, name: str, number: str) -> Json:
    """Tell a version anew, at the time a change of it or of its model was found."""
    return dataset_event(at, about=dataset(model_version(place, name, number), given))


def restored_version(given: Mapping[str, Json | None]) -> dict[str, Json | None]:
    """Say of a version that was gone that it is there again."""
    return {**given, "lifecycleStateChange": {"lifecycleStateChange": "CREATE"}}


def deleted_version(
    told: Mapping[str, Json | None], *, model_deleted: bool, dropped: bool = True
) -> dict[str, Json | None]:
    """Say of what was last told of a version that it is gone; its history stays. One that was renamed was not dropped."""
    version = {**(told.get("mlflow_modelVersion") or {}), "deleted": True, "aliases": []}
    registered = told.get("mlflow_registeredModel")
    if registered is not None and model_deleted:
        registered = {**registered, "deleted": True, "aliases": {}}
    return {
        **told,
        "mlflow_modelVersion": version,
        "mlflow_registeredModel": registered,
        "lifecycleStateChange": {"lifecycleStateChange": "DROP"} if dropped else None,
    }


def renamed_version(
    place: Place, given: Mapping[str, Json | None], *, old: str, number: str
) -> dict[str, Json | None]:
    """Say that a version stood under another model's name before."""
    namespace, name = model_version(place, old, number)
    before = {"namespace": namespace, "name": name}
    return {**given, "lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": before}}


def _source(source: tuple[str, str]) -> Json:
    kind = MODEL_VERSION if source[1].startswith("models/") and source[1].count("/") > 1 else LOGGED_MODEL
    return dataset(source, {"datasetType": kind})


def _model_id(source: str) -> str | None:
    """Give the logged model of a version: the server leaves `model_id` empty, its source tells."""
    head, _, rest = source.partition("models:/")
    found = rest.lstrip("/")
    return found if not head and found.startswith("m-") and "/" not in found else None


def _part(whole: Mapping[str, Any], name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
