"""Which questions can be asked in GraphQL?"""

from __future__ import annotations

from typing import Annotated, Final

import strawberry
from strawberry import ID, UNSET

from app.graphql.columns import FieldLineage, made_field_lineage
from app.graphql.diff import Diff, made_diff
from app.graphql.experiments import Model
from app.graphql.history import History, history_of
from app.graphql.kinds import Direction, Granularity, Grouping, NodeKind, Transformations
from app.graphql.making import made
from app.graphql.model_questions import ModelQuestions
from app.graphql.nodes import Dataset, Info, Job, Node, Run, made_node
from app.graphql.paths import PathSet, made_paths
from app.graphql.rollup import Rollup, made_rollup
from app.graphql.scalars import DateTime
from app.graphql.search import NodeConnection, made_found
from app.graphql.walks import Lineage, is_selected, made_lineage
from app.http.questions import limits_of
from queries import nodes as reading
from queries import search as searching
from queries.columns import FIELDS_DEFAULT, ColumnsQuestion, field_lineage
from queries.diff import DiffQuestion, SideAsked, diff, read_direction
from queries.history import ROWS_DEFAULT as HISTORY_DEFAULT
from queries.history import HistoryQuestion
from queries.lineage import Question, lineage
from queries.models import read_model
from queries.paths import PathQuestion, paths
from queries.rollup import GROUPS_DEFAULT, RollupQuestion, rollup

ROWS_DEFAULT: Final = 200
PATHS_DEFAULT: Final = 10


@strawberry.type(
    description="Unknown keys are errors with code NOT_FOUND, and names that resemble them. knownAt, a position of the "
    "journal or an instant of receipt, asks what would have been answered then; all questions of a document take the same, "
    "and known_at in the address sets it for all."
)
class Query(ModelQuestions):
    @strawberry.field(description="Anything by its key, such as dataset:postgres%3A//db:public.orders.")
    async def node(self, info: Info, key: ID, known_at: str | None = UNSET) -> Node | None:
        await info.context.projection(known_at or None)
        return made_node(await reading.read_node(info.context.store, key))

    @strawberry.field(description="A dataset by its exact names.")
    async def dataset(self, info: Info, namespace: str, name: str) -> Dataset | None:
        await info.context.projection()
        return made(Dataset, await reading.read_dataset(info.context.store, namespace, name))

    @strawberry.field(description="A job by its exact names.")
    async def job(self, info: Info, namespace: str, name: str) -> Job | None:
        await info.context.projection()
        return made(Job, await reading.read_job(info.context.store, namespace, name))

    @strawberry.field(description="A run by its UUID or its key.")
    async def run(self, info: Info, id: ID) -> Run | None:
        await info.context.projection()
        return made(Run, await reading.read_run(info.context.store, id))

    @strawberry.field(
        description="A registered model by its exact name; its namespace where several have one."
    )
    async def model(self, info: Info, name: str, namespace: str | None = UNSET) -> Model | None:
        asking = info.context
        projection = await asking.projection()
        limits = limits_of(asking.settings)
        return made(
            Model, await read_model(asking.store, name, namespace or None, limits, projection=projection)
        )

    @strawberry.field(
        description="What is called like this, or has such a namespace, tag, owner or column; best first. All words "
        "must be there; the last may be the beginning of one. Finds datasets, jobs, fields, "
        "experiments, models, deployments and persons."
    )
    async def search(
        self,
        info: Info,
        text: str,
        kinds: list[NodeKind] | None = UNSET,
        first: int | None = searching.ROWS_DEFAULT,
        after: str | None = UNSET,
    ) -> NodeConnection:
        asking = info.context
        question = searching.Question(
            text=text,
            kinds=frozenset(kinds) if kinds else None,
            first=searching.ROWS_DEFAULT if first is None else first,
            after=after or None,
        )
        projection = await asking.projection()
        limits = limits_of(asking.settings)
        answering = searching.search(asking.store, question, limits, projection=projection)
        return made_found(await asking.while_connected(answering))

    @strawberry.field(description="What something's data comes from, nearest first.")
    async def upstream(  # noqa: PLR0913, PLR0917 - each parameter is an argument of the question
        self,
        info: Info,
        of: ID,
        depth: int | None = UNSET,
        as_of: DateTime | None = UNSET,
        seen_since: DateTime | None = UNSET,
        granularity: Granularity | None = Granularity.DATASET,
        kinds: list[NodeKind] | None = UNSET,
        first: int | None = ROWS_DEFAULT,
        after: str | None = UNSET,
        transformations: Transformations | None = Transformations.ALL,
        known_at: str | None = UNSET,
    ) -> Lineage:
        question = Question(
            of=of,
            direction="upstream",
            depth=depth or (0 if depth == 0 else None),
            as_of=as_of or None,
            seen_since=seen_since or None,
            granularity=(granularity or Granularity.DATASET).value,
            transformations=(transformations or Transformations.ALL).value,
            kinds=frozenset(kinds) if kinds else None,
            first=ROWS_DEFAULT if first is None else first,
            after=after or None,
            totals=_wants(info, "totals"),
        )
        return await _walk(info, question, known_at)

    @strawberry.field(description="What something's data goes into, nearest first.")
    async def downstream(  # noqa: PLR0913, PLR0917 - each parameter is an argument of the question
        self,
        info: Info,
        of: ID,
        depth: int | None = UNSET,
        as_of: DateTime | None = UNSET,
        seen_since: DateTime | None = UNSET,
        granularity: Granularity | None = Granularity.DATASET,
        kinds: list[NodeKind] | None = UNSET,
        first: int | None = ROWS_DEFAULT,
        after: str | None = UNSET,
        transformations: Transformations | None = Transformations.ALL,
        known_at: str | None = UNSET,
    ) -> Lineage:
        question = Question(
            of=of,
            direction="downstream",
            depth=depth or (0 if depth == 0 else None),
            as_of=as_of or None,
            seen_since=seen_since or None,
            granularity=(granularity or Granularity.DATASET).value,
            transformations=(transformations or Transformations.ALL).value,
            kinds=frozenset(kinds) if kinds else None,
            first=ROWS_DEFAULT if first is None else first,
            after=after or None,
            totals=_wants(info, "totals"),
            consumers=_wants(info, "consumers"),
        )
        return await _walk(info, question, known_at)

    @strawberry.field(name="paths", description="How one thing's data gets into another.")
    async def paths_between(
        self,
        info: Info,
        source: Annotated[ID, strawberry.argument(name="from")],
        target: Annotated[ID, strawberry.argument(name="to")],
        as_of: DateTime | None = UNSET,
        granularity: Granularity | None = Granularity.DATASET,
        first: int | None = PATHS_DEFAULT,
        transformations: Transformations | None = Transformations.ALL,
        known_at: str | None = UNSET,
    ) -> PathSet:
        question = PathQuestion(
            source=source,
            target=target,
            as_of=as_of or None,
            granularity=(granularity or Granularity.DATASET).value,
            transformations=(transformations or Transformations.ALL).value,
            first=PATHS_DEFAULT if first is None else first,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = paths(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_paths(await asking.while_connected(answering))

    @strawberry.field(
        name="diff",
        description="What changed from a to b: a dataset at two instants, two datasets or model versions (each as it was "
        "made), two runs, or the runs of a job that counted at two instants. Without b: a, as it is now.",
    )
    async def differences(  # noqa: PLR0913, PLR0917 - each parameter is an argument of the question
        self,
        info: Info,
        a: ID,
        b: ID | None = UNSET,
        a_as_of: DateTime | None = UNSET,
        b_as_of: DateTime | None = UNSET,
        direction: Direction | None = Direction.UPSTREAM,
        depth: int | None = UNSET,
        granularity: Granularity | None = Granularity.DATASET,
        first: int | None = ROWS_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> Diff:
        question = DiffQuestion(
            before=SideAsked(a, a_as_of or None),
            after=SideAsked(b or a, b_as_of or None),
            direction=read_direction((direction or Direction.UPSTREAM).value),
            depth=depth if isinstance(depth, int) else None,
            granularity=(granularity or Granularity.DATASET).value,
            first=ROWS_DEFAULT if first is None else first,
            after_cursor=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = diff(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_diff(await asking.while_connected(answering))

    @strawberry.field(description="From when to when data flowed from one dataset into another, by job.")
    async def edge_history(
        self,
        info: Info,
        source: ID,
        target: ID,
        first: int | None = HISTORY_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> History:
        size = HISTORY_DEFAULT if first is None else first
        asked = HistoryQuestion(of=target, source=source, first=size, after=after or None)
        return await history_of(info.context, asked, known_at or None)

    @strawberry.field(
        name="fieldLineage",
        description="Where each column of a table comes from and where it goes, so many edges far on each side.",
    )
    async def columns_of(
        self,
        info: Info,
        dataset: ID,
        depth: int | None = 1,
        as_of: DateTime | None = UNSET,
        seen_since: DateTime | None = UNSET,
        transformations: Transformations | None = Transformations.ALL,
        first: int | None = FIELDS_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> FieldLineage:
        question = ColumnsQuestion(
            dataset=dataset,
            depth=1 if depth is None else depth,
            as_of=as_of or None,
            seen_since=seen_since or None,
            transformations=(transformations or Transformations.ALL).value,
            first=FIELDS_DEFAULT if first is None else first,
            after=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = field_lineage(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_field_lineage(await asking.while_connected(answering))

    @strawberry.field(
        name="rollup",
        description="The whole of a walk from further away: in groups, with kinds of nodes hidden (what they connect is "
        "joined), or shown and not counted in depth (ignoreAsHops).",
    )
    async def rolled_up(  # noqa: PLR0913, PLR0917 - each parameter is an argument of the question
        self,
        info: Info,
        of: ID,
        direction: Direction,
        group_by: Grouping | None = UNSET,
        depth: int | None = UNSET,
        as_of: DateTime | None = UNSET,
        seen_since: DateTime | None = UNSET,
        granularity: Granularity | None = Granularity.DATASET,
        hide_kinds: list[NodeKind] | None = UNSET,
        ignore_as_hops: list[NodeKind] | None = UNSET,
        first: int | None = GROUPS_DEFAULT,
        after: str | None = UNSET,
        known_at: str | None = UNSET,
    ) -> Rollup:
        question = RollupQuestion(
            of=of,
            direction=direction.value.lower(),
            group_by=group_by.value if group_by else None,
            depth=depth or (0 if depth == 0 else None),
            as_of=as_of or None,
            seen_since=seen_since or None,
            granularity=(granularity or Granularity.DATASET).value,
            hide_kinds=frozenset(hide_kinds or ()),
            ignore_as_hops=frozenset(ignore_as_hops or ()),
            first=GROUPS_DEFAULT if first is None else first,
            after=after or None,
        )
        asking = info.context
        projection = await asking.projection(known_at or None)
        answering = rollup(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_rollup(await asking.while_connected(answering))


async def _walk(info: Info, question: Question, known_at: str | None) -> Lineage:
    asking = info.context
    projection = await asking.projection(known_at or None)
    answering = lineage(asking.store, question, limits_of(asking.settings), projection=projection)
    return made_lineage(await asking.while_connected(answering))


def _wants(info: Info, name: str) -> bool:
    return any(is_selected(field.selections, name) for field in info.selected_fields)
