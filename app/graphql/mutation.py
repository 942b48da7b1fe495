"""What can be said in GraphQL? Decisions about model versions, and what happened to deployments; each becomes one event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry
from strawberry import ID, UNSET

from app.acts.asked import ActAsked, DeploymentAsked, made_asked
from app.acts.telling import tell_deployment
from app.graphql.asking import Asking
from app.graphql.catalogue import CatalogueEntry, made_entry
from app.graphql.making import made_all
from app.graphql.scalars import DateTime, Json

if TYPE_CHECKING:
    from app.acts.deciding import ActDone

Info = strawberry.Info[Asking, None]


@strawberry.input(
    description="What a decision rests on: a kind of thing, such as run or report, and how it is found."
)
class EvidenceInput:
    kind: str
    ref: str


@strawberry.input(
    description="A decision about a model version; without a namespace of the one model that has the name. by counts where "
    "the server does not know the caller. id is the asker's own: sent again, the act is known and kept once. force takes "
    "what would be refused; it needs a reason, and marks the act."
)
class ActInput:
    model: str
    version: str
    namespace: str | None = UNSET
    by: str | None = UNSET
    reason: str | None = UNSET
    evidence: list[EvidenceInput] | None = UNSET
    at: DateTime | None = UNSET
    id: str | None = UNSET
    force: bool | None = UNSET


@strawberry.input(description="A dataset by its names.")
class NamedInput:
    namespace: str
    name: str


@strawberry.input(description="A model version; without a namespace of the one model that has the name.")
class VersionInput:
    name: str
    version: str
    namespace: str | None = UNSET


@strawberry.input(
    description="What happened to a deployment: event is requested, started, failed, traffic or withdrawn. namespace and "
    "name are the deployment's; each rollout is a revision. What is left out is as it was last told of the same revision."
)
class DeploymentInput:
    event: str
    namespace: str
    name: str
    revision: str | None = UNSET
    run_id: str | None = UNSET
    model: VersionInput | None = UNSET
    serves: NamedInput | None = UNSET
    environment: str | None = UNSET
    platform: str | None = UNSET
    endpoint: str | None = UNSET
    traffic_percent: float | None = UNSET
    requested_alias: str | None = UNSET
    image: str | None = UNSET
    configuration: Json | None = UNSET
    feature_services: list[NamedInput] | None = UNSET
    online_stores: list[NamedInput] | None = UNSET
    outputs: list[NamedInput] | None = UNSET
    reason: str | None = UNSET
    by: str | None = UNSET
    at: DateTime | None = UNSET


@strawberry.type(description="Something to know of what was accepted.")
class Remark:
    code: str
    pointer: str


@strawberry.type(
    name="ActDone",
    description="An act that is on disk: act and run are its keys, id the event's (null for a duplicate). entry: how the "
    "version stands now; null where the graph is not that far yet.",
)
class ActDoneAnswer:
    position: str
    id: str | None
    duplicate: bool
    act: ID
    run: ID
    model_version: ID
    state: str
    before: str | None
    forced: bool
    by: str
    by_evidence: str
    by_claimed: str | None
    at: DateTime
    entry: CatalogueEntry | None
    warnings: list[Remark]


@strawberry.type(description="What was told of a deployment is on disk.")
class DeploymentTold:
    position: str
    id: str
    duplicate: bool
    event_type: str
    run: ID
    job: ID
    deployment: ID
    at: DateTime
    warnings: list[Remark]


@strawberry.type(
    description="Each becomes one OpenLineage event in the journal; position goes into at_least."
)
class Mutation:
    @strawberry.mutation(description="Take a model version into the catalogue.")
    async def register_model_version(self, info: Info, input: ActInput) -> ActDoneAnswer:
        asking = info.context
        return _done(await asking.deciding.register(made_asked(_given(input), ActAsked), asking.caller))

    @strawberry.mutation(
        description="Say that a model version is in another state: REGISTERED, VALIDATED, APPROVED, DEPLOYED, RETIRED or "
        "REJECTED. What cannot follow the state it has is refused with IMPOSSIBLE_ACT."
    )
    async def set_model_state(self, info: Info, input: ActInput, state: str) -> ActDoneAnswer:
        asking = info.context
        asked = made_asked({**_given(input), "state": state}, ActAsked)
        return _done(await asking.deciding.set_state(asked, asking.caller))

    @strawberry.mutation(description="Say what happened to a deployment.")
    async def report_deployment(self, info: Info, input: DeploymentInput) -> DeploymentTold:
        asking = info.context
        asked = made_asked(_given(input), DeploymentAsked)
        told = await tell_deployment(asking.open_context, asked, asking.caller)
        return DeploymentTold(
            position=told.position,
            id=told.id,
            duplicate=told.duplicate,
            event_type=told.event_type,
            run=ID(told.run),
            job=ID(told.job),
            deployment=ID(told.deployment),
            at=DateTime(told.at),
            warnings=made_all(Remark, told.warnings),
        )


def _given(value: Any) -> dict[str, Any]:
    """Give the members of an input that say something."""
    return {name: _plain(one) for name, one in vars(value).items() if one is not UNSET and one is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return _given(value) if hasattr(value, "__strawberry_definition__") else value


def _done(done: ActDone) -> ActDoneAnswer:
    return ActDoneAnswer(
        position=done.position,
        id=done.id,
        duplicate=done.duplicate,
        act=ID(done.act),
        run=ID(done.run),
        model_version=ID(done.model_version),
        state=done.state,
        before=done.before,
        forced=done.forced,
        by=done.by,
        by_evidence=done.by_evidence,
        by_claimed=done.by_claimed,
        at=DateTime(done.at),
        entry=None if done.entry is None else made_entry(done.entry),
        warnings=made_all(Remark, done.warnings),
    )
