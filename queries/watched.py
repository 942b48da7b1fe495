"""What is upstream or downstream of something now, and what of that changed since?

A set is known whole or not at all: what was cut could not be compared. Of the edges only their number and a mark are
kept, which is another one when any edge is another one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import msgspec

from graph_schema.errors import BadInput, LimitExceeded, TimedOut
from graph_schema.identity import parse_key
from queries.limits import Limits, check_granularity, within
from queries.lists import answers
from queries.projection import Projection
from queries.results import Completeness
from queries.roots import resolve_root
from queries.store import GraphStore
from queries.walk import FRONTIER_MAX, Budget, Direction, Reach, Walk, levels, start_walk

GRANULARITIES: Final = ("DATASET", "FIELD", "JOB")
LISTED_MAX: Final = 1_000
"""Keys named as added, and as removed, in one change; the counts are always whole."""

_MARKS: Final = 2**64


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: the set upstream or downstream of a key, so many edges far."""

    of: str
    direction: Direction
    granularity: str = "DATASET"
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The set as it was at a position: its keys, and how many edges are among them and the root."""

    root: str
    keys: frozenset[str]
    edges: int
    mark: int
    truncated_by: tuple[str, ...]
    position: str

    def same(self, other: Present) -> bool:
        """Tell whether nothing changed between two positions."""
        return (self.root, self.mark, self.edges, self.keys) == (
            other.root,
            other.mark,
            other.edges,
            other.keys,
        )


class SetChange(msgspec.Struct, frozen=True):
    """What became of a set: keys that came and went, the first ones by key; and what it is now."""

    root: str
    added: list[str]
    removed: list[str]
    added_count: int
    removed_count: int
    edges_changed: bool
    nodes: int
    edges: int
    position: str
    completeness: Completeness


def watched(of: str, direction: Direction, *, granularity: str, depth: int | None) -> Watched:
    """Check what is to be watched, so that the same is watched once; raises BadKey, BadInput or NotSupported."""
    check_granularity(granularity, GRANULARITIES)
    if depth is not None and depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=depth)
    return Watched(parse_key(of).text, direction, granularity, depth)


async def present(store: GraphStore, asked: Watched, limits: Limits, *, projection: Projection) -> Present:
    """Read the whole set; `projection` is where the graph stood before the first read.

    Raises NodeNotFound; LimitExceeded where it has more than `limits.nodes_max` nodes; TimedOut.
    """
    async with within(limits, "watch something with less around it, or a smaller depth"):
        root = await resolve_root(store, asked.of, asked.direction, asked.granularity)
        reach = Reach(asked.direction, granularity=asked.granularity)
        deepest = limits.depth(asked.depth)
        ends_at = asyncio.get_running_loop().time() + limits.time_s
        budget = Budget(deepest, limits.nodes_max + len(root.starts), ends_at)
        walk = start_walk(reach, budget, root.starts)
        async for _ in levels(store, walk):
            pass
        _check_whole(walk, limits)
        edges, mark = await _edges(store, walk)
    cut = walk.at_bound and limits.stops_short_of(asked.depth)
    keys = frozenset(walk.depth_of) - (frozenset() if root.listed else frozenset(root.starts))
    return Present(root.node.key, keys, edges, mark, ("depth",) if cut else (), projection.position)


def change(before: Present | None, now: Present) -> SetChange:
    """Say what became of a set; without a `before`, what it is."""
    old = now if before is None else before
    added, removed = now.keys - old.keys, old.keys - now.keys
    listed = max(len(added), len(removed)) <= LISTED_MAX
    truncated_by = [*now.truncated_by, *([] if listed else ["listed"])]
    return SetChange(
        root=now.root,
        added=sorted(added)[:LISTED_MAX],
        removed=sorted(removed)[:LISTED_MAX],
        added_count=len(added),
        removed_count=len(removed),
        edges_changed=(old.edges, old.mark) != (now.edges, now.mark),
        nodes=len(now.keys),
        edges=now.edges,
        position=now.position,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=0,
            position=now.position,
        ),
    )


def _check_whole(walk: Walk, limits: Limits) -> None:
    if "nodes" in walk.truncated_by:
        raise LimitExceeded(
            f"more than {limits.nodes_max} nodes are {walk.reach.direction} of this "
            "(HEADWATER_WATCHED_NODES_MAX); watch a smaller depth, or something with less around it",
            setting="HEADWATER_WATCHED_NODES_MAX",
            limit=limits.nodes_max,
        )
    if "time" in walk.truncated_by:
        raise TimedOut(f"the set was not read within {limits.time_s:g} s", limit_s=limits.time_s)


async def _edges(store: GraphStore, walk: Walk) -> tuple[int, int]:
    """Count the edges among what was reached, and give a mark that does not depend on their order."""
    reach, known = walk.reach, walk.depth_of
    statement = reach.wording("links_out" if reach.direction == "downstream" else "links_in")
    count = mark = 0
    links = answers(store, statement, list(known), size=FRONTIER_MAX, **reach.filters)
    async with aclosing(links) as found:
        async for rows in found:
            pairs = {(one, other) for row in rows for one, other in row["links"]}
            among = {pair for pair in pairs if pair[0] in known and pair[1] in known}
            count += len(among)
            mark = (mark + _mark(among)) % _MARKS
    return count, mark


def _mark(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(map(hash, pairs))
