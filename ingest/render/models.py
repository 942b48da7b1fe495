"""What does a model's dataset say of itself: its version, aliases, maker, and what was decided about it (rule D6)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_schema.identity import run_key
from ingest.canonical import value_of
from ingest.facets import mlflow
from ingest.facts import DELETED, is_suspect, time_of
from ingest.render.kinds import MODELS, kind_of
from ingest.saying import ACT

if TYPE_CHECKING:
    from ingest.render.kinds import Registers
    from ingest.render.rows import Row
    from ingest.state import State


def model_props(state: State, dataset: str, namespace: str, facets: Registers) -> Row:
    """Render what only datasets of models have; nothing for others."""
    version, logged = facets.get("mlflow_modelVersion", {}), facets.get("mlflow_loggedModel", {})
    model = next(iter(mlflow.models_of(facets, namespace)), None)
    members = state.members(state.canonical(dataset))
    decided = _decided(state, members) if ACT in facets or len(members) > 1 else {}
    kind = kind_of(facets)
    if kind not in MODELS and model is None and not decided:
        return {}
    maker = mlflow.run_id(version.get("runId")) or mlflow.run_id(logged.get("sourceRunId"))
    return {
        "model": model.key if model else None,
        "model_id": mlflow.text_of(version.get("modelId")) or mlflow.text_of(logged.get("modelId")),
        "version": mlflow.text_of(version.get("version"))
        or (_version(facets) if kind == "MODEL_VERSION" else None),
        "aliases": sorted(mlflow.texts_of(version.get("aliases"))) or None,
        "stage": mlflow.text_of(version.get("stage")),
        "status": mlflow.text_of(version.get("status")) or mlflow.text_of(logged.get("status")),
        "made_by": run_key(maker) if maker else None,
        "deleted": True if version.get("deleted") is True or logged.get("deleted") is True else None,
        **decided,
    }


def _version(facets: Registers) -> str | None:
    """Give the version that the standard facet states."""
    return mlflow.text_of(facets.get("version", {}).get("datasetVersion"))


def _decided(state: State, members: list[str]) -> Row:
    """Say what was decided last of a version, under whichever of its names."""
    sql = "SELECT stamp, body FROM said WHERE entity = ? AND slot = ?"
    found = [row for member in members for row in state.rows(sql, (member, ACT))]
    if not found:
        return {}
    stamp, sha = max(found)
    body = value_of(state.body(sha)) if sha != DELETED else {}
    time = None if is_suspect(stamp) else time_of(stamp)
    return {
        "catalogue_state": mlflow.act_of(body),
        "catalogue_at": mlflow.instant_of(body.get("at")) or time,
        "catalogue_by": mlflow.text_of(body.get("by")),
    }
