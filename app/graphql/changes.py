"""What can be subscribed to in GraphQL? That a set of nodes changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

import strawberry
from strawberry import ID, UNSET

from app.graphql.completeness import Completeness, made_completeness
from app.graphql.kinds import Direction, Granularity
from app.graphql.nodes import Info
from app.http.waiting import caught_up
from queries import watched as watching

if TYPE_CHECKING:
    from app.http.auth import Caller
    from queries.watched import SetChange as Told


@strawberry.type(
    description="What became of the set of nodes upstream or downstream of a root. added and removed name the first "
    "1,000 keys each (truncatedBy listed: there are more), the counts are whole. edgesChanged: edges among the set "
    "and its root came or went. nodes and edges count what is there now, position says up to which event."
)
class SetChange:
    root: ID
    added: list[ID]
    removed: list[ID]
    added_count: int
    removed_count: int
    edges_changed: bool
    nodes: int
    edges: int
    position: str
    completeness: Completeness


@strawberry.type(
    description="Over WebSocket (graphql-transport-ws), or by POST with Accept: text/event-stream."
)
class Subscription:
    @strawberry.subscription(
        description="Tells when what is upstream or downstream of something changes. The first message says how much "
        "is there and at which position, with nothing added; each later one what changed since the one before."
    )
    async def changes(
        self,
        info: Info,
        of: ID,
        direction: Direction,
        granularity: Granularity | None = Granularity.DATASET,
        depth: int | None = UNSET,
    ) -> AsyncGenerator[SetChange, None]:
        asking = info.context
        asked = watching.watched(
            of,
            "upstream" if direction is Direction.UPSTREAM else "downstream",
            granularity=(granularity or Granularity.DATASET).value,
            depth=depth or (0 if depth == 0 else None),
        )
        projection = await caught_up(asking.connection)
        caller: Caller | None = asking.connection.scope.get("caller")
        until = None if caller is None else caller.until
        async with aclosing(asking.watching.changes(asked, projection, until=until)) as told:
            async for one in told:
                yield made_change(one)


def made_change(told: Told) -> SetChange:
    """Make the GraphQL object."""
    return SetChange(
        root=ID(told.root),
        added=[ID(key) for key in told.added],
        removed=[ID(key) for key in told.removed],
        added_count=told.added_count,
        removed_count=told.removed_count,
        edges_changed=told.edges_changed,
        nodes=told.nodes,
        edges=told.edges,
        position=told.position,
        completeness=made_completeness(told.completeness),
    )
