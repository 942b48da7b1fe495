"""What does a server tell of where model versions come from, of ways to deployments, and of what differs?"""

from __future__ import annotations

import msgspec

from headwater.answers import Completeness, PageInfo
from headwater.decisions import CatalogueSays, RegistrySays
from headwater.nodes import Check, Dataset, Run


class NamedValue(msgspec.Struct, frozen=True):
    """A parameter, a metric, or a part of what is said of the code."""

    name: str
    value: str


class ProvenanceRun(msgspec.Struct, frozen=True):
    """A run on the way: its `role` is REGISTRATION, TRAINING, VALIDATION or UPSTREAM."""

    run: Run
    role: str
    experiment: str | None
    parameters: list[NamedValue]
    metrics: list[NamedValue]
    code: list[NamedValue]


class ProvenanceDataset(msgspec.Struct, frozen=True):
    """A dataset that went into a version, as of the newest instant at which it was read on the way."""

    key: str
    kind: str
    namespace: str | None
    name: str
    depth: int
    as_of: str | None
    made_by: list[str]


class ProvenanceEdge(msgspec.Struct, frozen=True):
    """That one dataset went into another, by which job and run, and when that had read it."""

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
    """A person who OWNS, STARTED or DECIDED something, by which evidence, and when."""

    key: str
    name: str
    how: str
    what: str
    evidence: str | None
    at: str | None


class Revision(msgspec.Struct, frozen=True):
    """One rollout of a version."""

    run: str
    revision: str | None
    state: str | None
    started_at: str | None
    ended_at: str | None
    traffic_percent: float | None
    reason: str | None


class ServedBy(msgspec.Struct, frozen=True):
    """A deployment that serves the version, served it, or failed to."""

    key: str
    namespace: str
    name: str
    environment: str | None
    platform: str | None
    endpoint: str | None
    revisions: list[Revision]


class Provenance(msgspec.Struct, frozen=True):
    """How a model version came to be, as things stood when it was made; and what became of it."""

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


class MlPath(msgspec.Struct, frozen=True):
    """One way: dataset, feature of a view, experiment and run, version, deployment; what is not known is None."""

    dataset: str | None
    feature: str | None
    view: str | None
    experiment: str | None
    run: str
    model: str | None
    version: str | None
    deployment: str | None
    evidence: str | None
    used: bool | None
    certain: bool | None
    serving: bool | None


class MlPaths(msgspec.Struct, frozen=True):
    """One page of ways."""

    paths: list[MlPath]
    completeness: Completeness
    page_info: PageInfo


class ModelDifference(msgspec.Struct, frozen=True):
    """One thing that one version has alone, or that is not the same in both; of a dataset the runs that made it."""

    category: str
    change: str
    name: str
    before: str | None
    after: str | None


class ModelSide(msgspec.Struct, frozen=True):
    """A version that was compared."""

    key: str
    model: str | None
    version: str
    made_at: str | None


class ModelDifferenceCount(msgspec.Struct, frozen=True):
    """How many differences are of a category and a change."""

    category: str
    change: str
    count: int


class ModelComparison(msgspec.Struct, frozen=True):
    """One page of the differences from version a to version b; `counts` are of all pages."""

    a: ModelSide
    b: ModelSide
    differences: list[ModelDifference]
    counts: list[ModelDifferenceCount]
    completeness: Completeness
    page_info: PageInfo
