"""What shapes do answers about machine learning have? Nodes, and what stands on their edges."""

from __future__ import annotations

from typing import Any

import msgspec

from queries.results import Node


class Experiment(Node, frozen=True, kw_only=True):
    """An experiment of an MLflow server."""

    experiment_id: str | None = None
    lifecycle_stage: str | None = None
    artifact_location: str | None = None
    workspace: str | None = None
    description: str | None = None
    tags: list[str] | None = None


class Model(Node, frozen=True, kw_only=True):
    """A registered model; its versions are datasets. `alias_versions` are those that its aliases stand for."""

    description: str | None = None
    tags: list[str] | None = None
    aliases: list[str] | None = None
    alias_versions: list[str] | None = None
    deleted: bool | None = None


class Deployment(Node, frozen=True, kw_only=True):
    """A job that serves a model. Its state is that of the revision begun last; `running` counts those that serve."""

    job: str
    state: str | None = None
    running: int | None = None
    environment: str | None = None
    platform: str | None = None
    endpoint: str | None = None
    revision: str | None = None
    traffic_percent: float | None = None
    requested_alias: str | None = None
    image: str | None = None
    reason: str | None = None
    by: str | None = None
    configuration: Any = None


class Approval(Node, frozen=True, kw_only=True):
    """A recorded decision about a model version, with what it was based on."""

    decision: str | None = None
    at: str | None = None
    reason: str | None = None
    by: str | None = None
    model: str | None = None
    version: str | None = None
    evidence: Any = None
    evidence_hash: str | None = None


class UsedFeature(msgspec.Struct, frozen=True):
    """A feature that a run fetched, or that the model it wrote is made of; not certain where it may be another's."""

    field: str
    mode: str
    certain: bool | None = None


class Starter(msgspec.Struct, frozen=True):
    """Who started a run or experiment: as the gateway saw (`gateway`), or as the run says of itself (`mlflow.user`)."""

    person: str
    evidence: str
    at: str | None = None
