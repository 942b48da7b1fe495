"""Which datasets does a walk along FEEDS reach, nearest first?

Hop by hop: one statement per hop and 5,000 frontier keys, the seen-set here. It is linear in what it reaches
on every engine, never enumerates paths, and can be stopped between hops. `levels` is the one place where an
engine that prunes walks by itself (Neo4j) gets another strategy; both must give the same levels.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from graph_schema.instants import OPEN_END, SUSPECT
from queries.statements import Statement, statement
from queries.store import GraphStore

Direction = Literal["upstream", "downstream"]

FRONTIER_MAX: Final = 5_000
LAST_OPEN_INSTANT: Final = OPEN_END[:-2] + "8Z"
"""At this instant exactly the intervals with an open end hold: what is asked when no as-of is given."""
ANY_TIME: Final = SUSPECT
"""Every edge was seen at or after this instant."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which edges a walk takes: its direction, and the filters on each edge."""

    direction: Direction
    as_of: str | None = None
    seen_since: str | None = None

    @property
    def filters(self) -> dict[str, str]:
        """Give the parameters of the filtered statements."""
        return {"as_of": self.as_of or LAST_OPEN_INSTANT, "seen_since": self.seen_since or ANY_TIME}

    @property
    def filtered(self) -> bool:
        """Tell whether FEEDS as it stands is not what is asked for."""
        return self.as_of is not None or self.seen_since is not None


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a walk may go: depth in edges, nodes reached, and the loop time at which it ends."""

    depth_max: int
    nodes_max: int
    ends_at: float


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes at one depth, by key, each with its kind."""

    depth: int
    kinds: dict[str, str]


@dataclass(slots=True)
class Walk:
    """A walk under way: where every reached node lies, how many edges were met, and what cut it short."""

    reach: Reach
    budget: Budget
    depth_of: dict[str, int]
    frontier: list[str]
    depth: int = 0
    pairs: int = 0
    truncated_by: list[str] = field(default_factory=list)

    def position(self, key: str) -> tuple[int, str]:
        """Give a reached node's place in page order."""
        return self.depth_of[key], key


def start_walk(reach: Reach, budget: Budget, roots: Sequence[str]) -> Walk:
    """Begin at roots, which lie at depth 0."""
    return Walk(reach, budget, dict.fromkeys(roots, 0), sorted(roots))


async def levels(store: GraphStore, walk: Walk) -> AsyncIterator[Level]:
    """Yield the levels below the roots, nearest first, until nothing is left or the budget is used up."""
    while walk.frontier:
        if walk.depth >= walk.budget.depth_max:
            return
        found = await _hop(store, walk)
        if found is None:
            walk.truncated_by.append("time")
            return
        room = walk.budget.nodes_max - len(walk.depth_of)
        if len(found) > room:
            walk.truncated_by.append("nodes")
            found = {key: found[key] for key in sorted(found)[: max(room, 0)]}
        walk.depth += 1
        walk.depth_of.update(dict.fromkeys(found, walk.depth))
        walk.frontier = list(found)
        if found:
            yield Level(walk.depth, found)
        if walk.truncated_by:
            return


async def _hop(store: GraphStore, walk: Walk) -> dict[str, str] | None:
    """Go one edge on from the frontier; give the new nodes and their kinds, or None when the time is over."""
    step, params = step_of(walk.reach)
    found: dict[str, str] = {}
    loop = asyncio.get_running_loop()
    for chunk in chunks(walk.frontier):
        if loop.time() >= walk.budget.ends_at:
            return None
        rows = await store.read(step, frontier=chunk, **params)
        for row in rows:
            walk.pairs += row["pairs"] or 0
            new = ((key, kind) for key, kind in row["reached"] if key not in walk.depth_of)
            found.update((key, kind or "DEPLOYMENT") for key, kind in new)
    return found


def step_of(reach: Reach) -> tuple[Statement, dict[str, Any]]:
    """Choose the statement of one hop; the unfiltered one reads no property of an edge."""
    if reach.filtered:
        return statement(f"lineage/{reach.direction}_step_filtered"), reach.filters
    return statement(f"lineage/{reach.direction}_step"), {}


def chunks(keys: Sequence[str], size: int = FRONTIER_MAX) -> Iterator[list[str]]:
    """Cut keys into lists that one statement takes."""
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])
