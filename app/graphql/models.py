"""How is told in GraphQL where model versions come from?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import strawberry
from strawberry import ID, Private

from app.graphql.catalogue import CatalogueSays, RegistrySays, made_act
from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import NodeKind
from app.graphql.making import made, made_all
from app.graphql.nodes import Check, Dataset, Info, Run
from app.graphql.paging import rows_asked
from app.graphql.scalars import DateTime

if TYPE_CHECKING:
    from queries import provenances as reading

LISTED_DEFAULT: Final = 200


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
    run_count: int
    check_count: int
    all_runs: Private[list[ProvenanceRun]]
    all_checks: Private[list[Check]]
    datasets: list[ProvenanceDataset]
    edges: list[ProvenanceEdge]
    features: list[UsedFeatureOfRun]
    experiments: list[ExperimentNamed]
    people: list[Involved]
    catalogue: CatalogueSays
    registry: RegistrySays | None
    deployments: list[ServedBy]
    completeness: Completeness

    @strawberry.field(description="By role, the first ones; runCount says how many there are.")
    async def runs(self, info: Info, first: int | None = LISTED_DEFAULT) -> list[ProvenanceRun]:
        return self.all_runs[: rows_asked(info, first)]

    @strawberry.field(description="By time, the first ones; checkCount says how many there are.")
    async def checks(self, info: Info, first: int | None = LISTED_DEFAULT) -> list[Check]:
        return self.all_checks[: rows_asked(info, first)]


def made_provenance(answer: reading.Provenance) -> Provenance:
    """Make the GraphQL object."""
    return Provenance(
        model=ID(answer.model) if answer.model else None,
        version=made(Dataset, answer.version),
        version_name=answer.version_name,
        made_at=instant_of(answer.made_at),
        as_of=instant_of(answer.as_of),
        run_count=len(answer.runs),
        check_count=len(answer.checks),
        all_runs=[_run(one) for one in answer.runs],
        all_checks=made_all(Check, answer.checks),
        datasets=[_dataset(one) for one in answer.datasets],
        edges=[
            ProvenanceEdge(
                source=ID(one.source),
                target=ID(one.target),
                job=ID(one.job) if one.job else None,
                run=ID(one.run) if one.run else None,
                evidence=one.evidence,
                read_at=instant_of(one.read_at),
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
        people=[
            Involved(
                key=ID(one.key),
                name=one.name,
                how=one.how,
                what=ID(one.what),
                evidence=one.evidence,
                at=instant_of(one.at),
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


def _dataset(one: reading.ProvenanceDataset) -> ProvenanceDataset:
    return ProvenanceDataset(
        key=ID(one.key),
        kind=NodeKind(one.kind),
        namespace=one.namespace,
        name=one.name,
        depth=one.depth,
        as_of=instant_of(one.as_of),
        made_by=[ID(run) for run in one.made_by],
    )


def _run(one: reading.ProvenanceRun) -> ProvenanceRun:
    return ProvenanceRun(
        run=made(Run, one.run),
        role=ProvenanceRole(one.role),
        experiment=id_of(one.experiment),
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
                started_at=instant_of(each.started_at),
                ended_at=instant_of(each.ended_at),
                traffic_percent=each.traffic_percent,
                reason=each.reason,
            )
            for each in one.revisions
        ],
    )


def id_of(key: str | None) -> ID | None:
    return ID(key) if key else None


def instant_of(text: str | None) -> DateTime | None:
    return DateTime(text) if text else None
