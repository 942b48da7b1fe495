"""What do datasets and runs tell of machine learning? Parts of their types; `experiments.py` has types of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID, UNSET, Private

from app.graphql.any_node import made_any, node_of, nodes_of
from app.graphql.asking import Asking
from app.graphql.paging import cut_page, read_after, rows_asked
from app.graphql.scalars import DateTime
from queries import learning as reading
from queries.cursors import encode_cursor

if TYPE_CHECKING:
    from app.graphql.experiments import ApprovalConnection, Experiment, Model, Starter, UsedFeatureConnection
    from app.graphql.nodes import Run

Info = strawberry.Info[Asking, None]
_TYPES = strawberry.lazy("app.graphql.experiments")


@strawberry.type
class OfModels:
    """What a dataset of a model tells besides."""

    key: ID
    model_key: Private[str | None]
    made_by_key: Private[str | None]
    model_id: str | None = strawberry.field(
        description="Of a logged model, and of the one that a version is of."
    )
    version: str | None = strawberry.field(description="Of a model version.")
    model_aliases: list[str] | None = strawberry.field(
        description="That stand for this version in its registry."
    )
    stage: str | None
    status: str | None
    deleted: bool | None = strawberry.field(description="Its registry does not know it any more.")
    catalogue_state: str | None = strawberry.field(description="What was decided last about a model version.")
    catalogue_at: DateTime | None
    catalogue_by: str | None

    @strawberry.field(description="The registered model that it is a version of.")
    async def model(self, info: Info) -> Annotated[Model, _TYPES] | None:
        found: Model | None = await node_of(info, "model", self.model_key)
        return found

    @strawberry.field(description="The run that made the model, as its registry says.")
    async def made_by(self, info: Info) -> Annotated[Run, strawberry.lazy("app.graphql.nodes")] | None:
        found: Run | None = await node_of(info, "run", self.made_by_key)
        return found

    @strawberry.field(description="What was decided about it, newest first.")
    async def approvals(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> Annotated[ApprovalConnection, _TYPES]:
        return await _approvals(info, self.key, first, after)


@strawberry.type
class OfRuns:
    """What a run tells besides."""

    key: ID
    experiment_key: Private[str | None]

    @strawberry.field(description="The experiment that it is in.")
    async def experiment(self, info: Info) -> Annotated[Experiment, _TYPES] | None:
        found: Experiment | None = await node_of(info, "experiment", self.experiment_key)
        return found

    @strawberry.field(
        description="The features that it fetched, then those that the model it wrote is made of."
    )
    async def features_used(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> Annotated[UsedFeatureConnection, _TYPES]:
        return await _features(info, self.key, first, after)

    @strawberry.field(
        description="Who started it; what the gateway saw stands apart from what the run claims."
    )
    async def started_by(self, info: Info) -> list[Annotated[Starter, _TYPES]]:
        return await starters_of(info, "run", self.key)


async def starters_of(info: Info, kind: str, key: str) -> list[Starter]:
    """Read who started a run or experiment."""
    from app.graphql.experiments import Starter  # noqa: PLC0415 - it knows this module

    found = await info.context.load(reading.read_starters_of, kind, key=key) or []
    people = {one.key: one for one in await nodes_of(info, "person", (one.person for one in found))}
    return [
        Starter(person=people[one.person], evidence=one.evidence, at=DateTime(one.at) if one.at else None)
        for one in found
    ]


async def _approvals(info: Info, key: str, first: int | None, after: str | None) -> ApprovalConnection:
    from app.graphql.experiments import ApprovalConnection  # noqa: PLC0415 - it knows this module

    question = ["approvals", key]
    start = read_after(after, question, tuple[str, str])
    size = rows_asked(info, first)
    found = await info.context.load(reading.read_approvals_of, key=key) or []
    ahead = [one for one in found if start is None or (one.at or "", one.key) < start]
    rows, page = cut_page(ahead, size, lambda one: encode_cursor(question, (one.at or "", one.key)))
    return ApprovalConnection(nodes=[made_any(one) for one in rows], page_info=page)


async def _features(info: Info, key: str, first: int | None, after: str | None) -> UsedFeatureConnection:
    from app.graphql.experiments import UsedFeature, UsedFeatureConnection  # noqa: PLC0415 - it knows this module

    question = ["features", key]
    start = read_after(after, question, tuple[str, str])
    size = rows_asked(info, first)
    found = await info.context.load(reading.read_features_of, key=key) or []
    ahead = [one for one in found if start is None or (one.mode, one.field) > start]
    rows, page = cut_page(ahead, size, lambda one: encode_cursor(question, (one.mode, one.field)))
    fields = {one.key: one for one in await nodes_of(info, "field", (one.field for one in rows))}
    nodes = [UsedFeature(feature=fields[one.field], mode=one.mode, certain=one.certain) for one in rows]
    return UsedFeatureConnection(nodes=nodes, page_info=page)
