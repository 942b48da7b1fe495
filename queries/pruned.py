"""How does Neo4j walk? In one statement, which its planner runs as VarLengthExpand(Pruning,BFS).

It visits each node once and gives what hopping gives: the same levels, counts and pairs. Where a limit cuts the
walk it gives nothing, and hopping does it, so that what is cut is the same on every engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph_schema.errors import TimedOut
from queries.lists import together
from queries.store import GraphStore
from queries.walk import Level, Walk

STARTS_MAX: Final = 4
"""The engine walks once for each start; from more starts hopping is cheaper, which walks once for all."""
WIDE: Final = 5_000
"""Where so many nodes are in reach, a page is found sooner by hopping to it than by walking to the end."""
TIME_SHARE: Final = 0.5
"""How much of the time left the engine gets before hopping takes over, which can tell what it reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which levels are needed whole: those down to the one where `rows` of `kinds` below `from_depth` are."""

    rows: int
    from_depth: int
    kinds: frozenset[str] | None
    totals: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """The levels needed, nearest first, how many of each kind lie at each depth, and how many pairs there are."""

    levels: list[Level]
    counts: list[tuple[int, str, int]]
    pairs: int


async def pruned_walk(store: GraphStore, walk: Walk, starts: Sequence[str], part: Part) -> Reached | None:
    """Walk in the engine; None where the walk would be cut by a limit, or hopping is the better way."""
    if not 0 < len(starts) <= STARTS_MAX:
        return None
    now = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(now + TIME_SHARE * (walk.budget.ends_at - now)):
            return await _walked(store, walk, starts, part)
    except (TimeoutError, TimedOut):
        return None


async def _walked(store: GraphStore, walk: Walk, starts: Sequence[str], part: Part) -> Reached | None:
    wide = await _nodes_in_reach_max(store, walk) if part.totals else WIDE
    wording, filters = walk.reach.walking("walk")
    walking = store.read(
        wording,
        starts=starts,
        depth_max=walk.budget.depth_max,
        by_kind=part.totals or part.kinds is not None,
        kinds=None if part.kinds is None else sorted(part.kinds),
        from_depth=part.from_depth,
        rows=part.rows,
        wide=wide,
        **filters,
    )
    if part.totals and not wide:
        (row,), pairs = await together(walking, _pairs(store, walk, starts))
    else:
        (row,), pairs = await walking, None
    counts = [(depth, kind, number) for depth, kind, number in row["counts"]]
    if not counts or sum(number for *_, number in counts) > walk.budget.nodes_max:
        return None
    if part.totals and counts[-1][0] >= walk.budget.depth_max:
        return None
    if part.totals and pairs is None:
        pairs = await _pairs(store, walk, starts)
    found: dict[int, dict[str, str]] = {}
    for depth, some in row["reached"]:
        found.setdefault(depth, {}).update(some)
    return Reached([Level(depth, found[depth]) for depth in sorted(found)], counts, pairs or 0)


async def _pairs(store: GraphStore, walk: Walk, starts: Sequence[str]) -> int:
    wording, filters = walk.reach.walking("pairs")
    (row,) = await store.read(wording, starts=starts, **filters)
    return int(row["pairs"])


async def _nodes_in_reach_max(store: GraphStore, walk: Walk) -> int:
    """Give 0 where no walk can reach too many nodes; else how many are too many, so that the engine stops."""
    (row,) = await store.read(walk.reach.wording("size"))
    return 0 if row["nodes"] <= walk.budget.nodes_max else walk.budget.nodes_max + 1
