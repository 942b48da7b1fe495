"""Which questions can be asked in GraphQL?"""

from __future__ import annotations

from typing import Annotated, Final

import strawberry
from strawberry import ID, UNSET

from app.graphql.history import History, history_of
from app.graphql.kinds import Granularity, NodeKind, Transformations
from app.graphql.making import made
from app.graphql.nodes import Dataset, Info, Job, Node, Run, made_node
from app.graphql.paths import PathSet, made_paths
from app.graphql.scalars import DateTime
from app.graphql.search import NodeConnection, made_found
from app.graphql.walks import Lineage, is_selected, made_lineage
from app.http.questions import limits_of
from queries import nodes as reading
from queries import search as searching
from queries.history import ROWS_DEFAULT as HISTORY_DEFAULT
from queries.history import HistoryQuestion
from queries.lineage import Question, lineage
from queries.paths import PathQuestion, paths

ROWS_DEFAULT: Final = 200
PATHS_DEFAULT: Final = 10


@strawberry.type(description="Unknown keys are errors with code NOT_FOUND, and names that resemble them.")
class Query:
    @strawberry.field(description="Anything by its key, such as dataset:postgres%3A//db:public.orders.")
    async def node(self, info: Info, key: ID) -> Node | None:
        await info.context.projection()
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
        description="What is called like this, or has such a namespace, tag, owner or column; best first. All words "
        "must be there; the last may be the beginning of one. Finds datasets, jobs, fields and persons."
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
    async def upstream(
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
        return await _walk(info, question)

    @strawberry.field(description="What something's data goes into, nearest first.")
    async def downstream(
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
        return await _walk(info, question)

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
        projection = await asking.projection()
        answering = paths(asking.store, question, limits_of(asking.settings), projection=projection)
        return made_paths(await asking.while_connected(answering))

    @strawberry.field(description="From when to when data flowed from one dataset into another, by job.")
    async def edge_history(
        self,
        info: Info,
        source: ID,
        target: ID,
        first: int | None = HISTORY_DEFAULT,
        after: str | None = UNSET,
    ) -> History:
        size = HISTORY_DEFAULT if first is None else first
        asked = HistoryQuestion(of=target, source=source, first=size, after=after or None)
        return await history_of(info.context, asked)


async def _walk(info: Info, question: Question) -> Lineage:
    asking = info.context
    projection = await asking.projection()
    answering = lineage(asking.store, question, limits_of(asking.settings), projection=projection)
    return made_lineage(await asking.while_connected(answering))


def _wants(info: Info, name: str) -> bool:
    return any(is_selected(field.selections, name) for field in info.selected_fields)
