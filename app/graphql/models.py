"""How is told in GraphQL where model versions come from, which ways lead to them, and how two differ?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID

from app.graphql.catalogue import CatalogueSays, RegistrySays, made_act
from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import NodeKind
from app.graphql.making import made, made_all
from app.graphql.nodes import Check, Dataset, Run
from app.graphql.paging import PageInfo
from app.graphql.scalars import DateTime

if TYPE_CHECKING:
    from queries import compare_models as comparing
    from queries import ml_paths as walking
    from queries import provenances as reading


@strawberry.enum(
    description="What a run did for a model version: it wrote the version, it trained the model, it checked it, or it made "
    "something that went into it."
)
class ProvenanceRole(StrEnum):
    REGISTRATION = "REGISTRATION"
    TRAINING = "TRAINING"
    VALIDATION = "VALIDATION"
    UPSTREAM = "UPSTREAM"


@strawberry.type(description="A parameter, a metric, or a part of what is said of the code.")
class NamedValue:
    name: str
    value: str


@strawberry.type
class ProvenanceRun:
    run: Run
    role: ProvenanceRole
    experiment: ID | None
    parameters: list[NamedValue]
    metrics: list[NamedValue]
    code: list[NamedValue]


@strawberry.type(
    description="A dataset that went into the version, as of the newest instant at which it was read on the way. madeBy: the "
    "runs that had written it by then."
)
class ProvenanceDataset:
    key: ID
    kind: NodeKind
    namespace: str | None
    name: str
    depth: int
    as_of: DateTime | None
    made_by: list[ID]


@strawberry.type(description="That one dataset went into another; readAt: when the run had read it.")
class ProvenanceEdge:
    source: ID
    target: ID
    job: ID | None
    run: ID | None
    evidence: str
    read_at: DateTime | None


@strawberry.type(
    description="A feature of the training: fetched, used (the model is made of it), or both. Not certain where the column "
    "could be another view's."
)
class UsedFeatureOfRun:
    key: ID
    view: ID
    name: str
    run: ID
    fetched: bool
    used: bool
    certain: bool


@strawberry.type
class ExperimentNamed:
    key: ID
    namespace: str
    name: str


@strawberry.type(
    description="A person who OWNS, STARTED or DECIDED something (what). evidence: ownership, gateway (seen), mlflow.user (a "
    "claim), AUTHENTICATED or CLAIMED. Owners are those of now."
)
class Involved:
    key: ID
    name: str
    how: str
    what: ID
    evidence: str | None
    at: DateTime | None


@strawberry.type(description="One rollout of the version.")
class Revision:
    run: ID
    revision: str | None
    state: str | None
    started_at: DateTime | None
    ended_at: DateTime | None
    traffic_percent: float | None
    reason: str | None


@strawberry.type(description="A deployment that serves the version, served it, or failed to.")
class ServedBy:
    key: ID
    namespace: str
    name: str
    environment: str | None
    platform: str | None
    endpoint: str | None
    revisions: list[Revision]


@strawberry.type(
    description="How a model version came to be, looked at as things stood when it was made: from the run that wrote it, each "
    "hop uses the state at that run's reads. Checks, decisions and deployments are told until asOf. registry is null as of a "
    "time: it says only what is so now."
)
class Provenance:
    model: ID | None
    version: Dataset
    version_name: str
    made_at: DateTime | None
    as_of: DateTime | None
    runs: list[ProvenanceRun]
    datasets: list[ProvenanceDataset]
    edges: list[ProvenanceEdge]
    features: list[UsedFeatureOfRun]
    experiments: list[ExperimentNamed]
    checks: list[Check]
    people: list[Involved]
    catalogue: CatalogueSays
    registry: RegistrySays | None
    deployments: list[ServedBy]
    completeness: Completeness


@strawberry.type(
    description="One way: dataset, feature of a view, experiment and run, version, deployment; unknown ends are null. evidence: "
    "how it is known that the dataset feeds the view, null where it lies further up or the run read it itself. version: the "
    "logged model where that became none. used: the model is made of the feature. serving: the deployment serves it now."
)
class MlPath:
    dataset: ID | None
    feature: ID | None
    view: ID | None
    experiment: ID | None
    run: ID
    model: ID | None
    version: ID | None
    deployment: ID | None
    evidence: str | None
    used: bool | None
    certain: bool | None
    serving: bool | None


@strawberry.type
class MlPathConnection:
    nodes: list[MlPath]
    page_info: PageInfo
    completeness: Completeness


@strawberry.enum(description="What a difference between two model versions is about.")
class ModelDifferenceCategory(StrEnum):
    DATASETS = "DATASETS"
    FEATURES = "FEATURES"
    PARAMETERS = "PARAMETERS"
    METRICS = "METRICS"
    CODE = "CODE"
    CHECKS = "CHECKS"
    CATALOGUE = "CATALOGUE"
    REGISTRY = "REGISTRY"


@strawberry.type(
    description="One thing that one version has alone, or that is not the same in both. name: a key where it is a node's. Of a "
    "dataset before and after are the runs that made it."
)
class ModelDifference:
    category: ModelDifferenceCategory
    change: str
    name: str
    before: str | None
    after: str | None


@strawberry.type
class ModelSide:
    key: ID
    model: ID | None
    version: str
    made_at: DateTime | None


@strawberry.type
class ModelDifferenceCount:
    category: ModelDifferenceCategory
    change: str
    count: int


@strawberry.type(
    description="One page of differences from a to b, by category and name; counts are of all pages."
)
class ModelComparison:
    a: ModelSide
    b: ModelSide
    differences: list[ModelDifference]
    counts: list[ModelDifferenceCount]
    completeness: Completeness
    page_info: PageInfo


def made_provenance(answer: reading.Provenance) -> Provenance:
    """Make the GraphQL object."""
    return Provenance(
        model=ID(answer.model) if answer.model else None,
        version=made(Dataset, answer.version),
        version_name=answer.version_name,
        made_at=_instant(answer.made_at),
        as_of=_instant(answer.as_of),
        runs=[_run(one) for one in answer.runs],
        datasets=[_dataset(one) for one in answer.datasets],
        edges=[
            ProvenanceEdge(
                source=ID(one.source),
                target=ID(one.target),
                job=ID(one.job) if one.job else None,
                run=ID(one.run) if one.run else None,
                evidence=one.evidence,
                read_at=_instant(one.read_at),
            )
            for one in answer.edges
        ],
        features=[
            UsedFeatureOfRun(
                key=ID(one.key),
                view=ID(one.view),
                name=one.name,
                run=ID(one.run),
                fetched=one.fetched,
                used=one.used,
                certain=one.certain,
            )
            for one in answer.features
        ],
        experiments=[
            ExperimentNamed(key=ID(one.key), namespace=one.namespace, name=one.name)
            for one in answer.experiments
        ],
        checks=made_all(Check, answer.checks),
        people=[
            Involved(
                key=ID(one.key),
                name=one.name,
                how=one.how,
                what=ID(one.what),
                evidence=one.evidence,
                at=_instant(one.at),
            )
            for one in answer.people
        ],
        catalogue=CatalogueSays(
            state=answer.catalogue.state, acts=[made_act(act) for act in answer.catalogue.acts]
        ),
        registry=None if answer.registry is None else made(RegistrySays, answer.registry),
        deployments=[_served(one) for one in answer.deployments],
        completeness=made_completeness(answer.completeness),
    )


def made_paths(answer: walking.MlPaths) -> MlPathConnection:
    """Make the GraphQL object."""
    return MlPathConnection(
        nodes=[
            MlPath(
                **{
                    name: _id(getattr(one, name))
                    for name in ("dataset", "feature", "view", "experiment", "model", "version", "deployment")
                },
                run=ID(one.run),
                evidence=one.evidence,
                used=one.used,
                certain=one.certain,
                serving=one.serving,
            )
            for one in answer.paths
        ],
        page_info=made(PageInfo, answer.page_info),
        completeness=made_completeness(answer.completeness),
    )


def made_comparison(answer: comparing.ModelComparison) -> ModelComparison:
    """Make the GraphQL object."""
    sides = [
        ModelSide(key=ID(one.key), model=_id(one.model), version=one.version, made_at=_instant(one.made_at))
        for one in (answer.a, answer.b)
    ]
    return ModelComparison(
        a=sides[0],
        b=sides[1],
        differences=[
            ModelDifference(
                category=ModelDifferenceCategory(one.category),
                change=one.change,
                name=one.name,
                before=one.before,
                after=one.after,
            )
            for one in answer.differences
        ],
        counts=[
            ModelDifferenceCount(
                category=ModelDifferenceCategory(one.category), change=one.change, count=one.count
            )
            for one in answer.counts
        ],
        completeness=made_completeness(answer.completeness),
        page_info=made(PageInfo, answer.page_info),
    )


def _dataset(one: reading.ProvenanceDataset) -> ProvenanceDataset:
    return ProvenanceDataset(
        key=ID(one.key),
        kind=NodeKind(one.kind),
        namespace=one.namespace,
        name=one.name,
        depth=one.depth,
        as_of=_instant(one.as_of),
        made_by=[ID(run) for run in one.made_by],
    )


def _run(one: reading.ProvenanceRun) -> ProvenanceRun:
    return ProvenanceRun(
        run=made(Run, one.run),
        role=ProvenanceRole(one.role),
        experiment=_id(one.experiment),
        parameters=made_all(NamedValue, one.parameters),
        metrics=made_all(NamedValue, one.metrics),
        code=made_all(NamedValue, one.code),
    )


def _served(one: reading.ServedBy) -> ServedBy:
    return ServedBy(
        key=ID(one.key),
        namespace=one.namespace,
        name=one.name,
        environment=one.environment,
        platform=one.platform,
        endpoint=one.endpoint,
        revisions=[
            Revision(
                run=ID(each.run),
                revision=each.revision,
                state=each.state,
                started_at=_instant(each.started_at),
                ended_at=_instant(each.ended_at),
                traffic_percent=each.traffic_percent,
                reason=each.reason,
            )
            for each in one.revisions
        ],
    )


def _id(key: str | None) -> ID | None:
    return ID(key) if key else None


def _instant(text: str | None) -> DateTime | None:
    return DateTime(text) if text else None
