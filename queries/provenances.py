"""What shapes do answers about models have: where a version comes from, who made and approved it, where it runs?"""

from __future__ import annotations

import msgspec

from queries.catalogue import CatalogueSays, RegistrySays
from queries.results import Check, Completeness, Dataset, Run


class NamedValue(msgspec.Struct, frozen=True):
    """A parameter, a metric, or a part of what is said of the code, by its name."""

    name: str
    value: str


class ProvenanceRun(msgspec.Struct, frozen=True):
    """A run on the way to a model version: REGISTRATION, TRAINING, VALIDATION of the model, or UPSTREAM of its data."""

    run: Run
    role: str
    experiment: str | None
    parameters: list[NamedValue]
    metrics: list[NamedValue]
    code: list[NamedValue]


class ProvenanceDataset(msgspec.Struct, frozen=True):
    """A dataset that went into a version, as of the newest instant at which it was read on the way; `made_by` are runs."""

    key: str
    kind: str
    namespace: str | None
    name: str
    depth: int
    as_of: str | None
    made_by: list[str]


class ProvenanceEdge(msgspec.Struct, frozen=True):
    """That one dataset went into another: by which job and run, and when that had read it."""

    source: str
    target: str
    job: str | None
    run: str | None
    evidence: str
    read_at: str | None


class UsedFeature(msgspec.Struct, frozen=True):
    """A feature that a training run fetched, and perhaps used; not `certain` where it could be another view's."""

    key: str
    view: str
    name: str
    run: str
    fetched: bool
    used: bool
    certain: bool


class ExperimentNamed(msgspec.Struct, frozen=True):
    """An experiment that a run belongs to."""

    key: str
    namespace: str
    name: str


class Involved(msgspec.Struct, frozen=True):
    """A person: OWNS, STARTED or DECIDED something, by which evidence, and when."""

    key: str
    name: str
    how: str
    what: str
    evidence: str | None
    at: str | None


class Revision(msgspec.Struct, frozen=True):
    """One rollout of a version: a run of the deployment's job."""

    run: str
    revision: str | None
    state: str | None
    started_at: str | None
    ended_at: str | None
    traffic_percent: float | None
    reason: str | None


class ServedBy(msgspec.Struct, frozen=True):
    """A deployment that serves the version, served it, or failed to; `revisions` are those of this version, newest first."""

    key: str
    namespace: str
    name: str
    environment: str | None
    platform: str | None
    endpoint: str | None
    revisions: list[Revision]


class Provenance(msgspec.Struct, frozen=True):
    """How a model version came to be, looked at as things stood when it was made; and what became of it until `as_of`.

    `registry` is None as of a time: a registry says only what is so now.
    """

    model: str | None
    version: Dataset
    version_name: str
    made_at: str | None
    as_of: str | None
    runs: list[ProvenanceRun]
    datasets: list[ProvenanceDataset]
    edges: list[ProvenanceEdge]
    features: list[UsedFeature]
    experiments: list[ExperimentNamed]
    checks: list[Check]
    people: list[Involved]
    catalogue: CatalogueSays
    registry: RegistrySays | None
    deployments: list[ServedBy]
    completeness: Completeness
