"""What does a server tell of one node?"""

from __future__ import annotations

from typing import Any, Final

import msgspec


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What every node tells of itself; a kind that this client does not know is only this."""

    key: str
    kind: str
    namespace: str | None = None
    name: str


class OfModel(msgspec.Struct, frozen=True, kw_only=True):
    """What only a dataset of a model tells: `model` and `made_by` are keys, `aliases` those of its registry."""

    model: str | None = None
    model_id: str | None = None
    version: str | None = None
    aliases: list[str] | None = None
    stage: str | None = None
    status: str | None = None
    made_by: str | None = None
    deleted: bool | None = None
    catalogue_state: str | None = None
    catalogue_at: str | None = None
    catalogue_by: str | None = None


class Dataset(Node, frozen=True, kw_only=True):
    """A dataset under one name; `alias_of` is the key of the name its lineage is kept under.

    `of_model` is there for datasets of models alone.
    """

    live: bool | None = None
    placeholder: bool | None = None
    created_at: str | None = None
    last_written_at: str | None = None
    unmerged: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    alias_of: str | None = None
    of_model: OfModel | None = None


class Field(Node, frozen=True, kw_only=True):
    """A column or feature of a dataset, which is named by its key."""

    dataset: str
    path: str
    data_type: str | None = None
    ordinal: int | None = None
    role: str | None = None
    current: bool | None = None


class Job(Node, frozen=True, kw_only=True):
    """A job; `parent` is the key of the job it is part of."""

    parent: str | None = None
    processing_type: str | None = None
    integration: str | None = None
    job_type: str | None = None
    placeholder: bool | None = None
    created_at: str | None = None
    description: str | None = None
    tags: list[str] | None = None


class Run(Node, frozen=True, kw_only=True):
    """A run: its job, parent and root are keys."""

    job: str | None = None
    state: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    nominal_start: str | None = None
    nominal_end: str | None = None
    created_at: str | None = None
    last_event_at: str | None = None
    parent: str | None = None
    root: str | None = None
    job_clash: list[str] | None = None
    sent_id: str | None = None
    attempts: int | None = None
    experiment: str | None = None


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


class Person(Node, frozen=True, kw_only=True):
    """An owner, author or approver."""


class Facet(Node, frozen=True, kw_only=True):
    """The newest facet of one name on a dataset or job."""

    entity: str
    event: str | None = None
    deleted: bool | None = None


class Check(Node, frozen=True, kw_only=True):
    """One result of a check on a dataset."""

    outcome: str | None = None
    severity: str | None = None
    at: str | None = None
    dataset: str | None = None
    run: str | None = None
    column: str | None = None
    expected: Any = None
    actual: Any = None


_DATASET_KINDS: Final = (
    "TABLE", "VIEW", "FILE", "TOPIC", "FEATURE_VIEW", "FEATURE_SERVICE", "LOGGED_MODEL", "MODEL_VERSION", "OTHER",
)  # fmt: skip
_TYPES: Final[dict[str, type[Node]]] = {
    **dict.fromkeys(_DATASET_KINDS, Dataset),
    "FIELD": Field,
    "JOB": Job,
    "RUN": Run,
    "PERSON": Person,
    "FACET": Facet,
    "CHECK": Check,
    "EXPERIMENT": Experiment,
    "MODEL": Model,
    "DEPLOYMENT": Deployment,
    "APPROVAL": Approval,
}


def node_of(sent: dict[str, Any]) -> Node:
    """Make the value of a node by its kind; raises msgspec.ValidationError for what is none."""
    return msgspec.convert(sent, _TYPES.get(str(sent.get("kind")), Node))
