"""Which paths lead from one thing to another?

Both ends are walked towards each other, one hop at a time, until one side has nowhere left to go: then every
path lies among what that side met, whatever the size of the graph. What is between is looked through in memory
(`queries/between.py`), never by a pattern of any length, of which a lattice of 60 layers has 2^60 matches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from queries.between import Between, Found, between, find_paths
from queries.edges import join_edges, past_unknown, read_edges
from queries.limits import Limits, check_granularity, check_rows, check_transformations, within
from queries.lists import answers
from queries.projection import Projection
from queries.results import Completeness, LineageEdge, Path, PathSet
from queries.roots import resolve_root
from queries.store import GraphStore
from queries.walk import FRONTIER_MAX, Direction, Reach

GRANULARITIES: Final = ("DATASET", "FIELD", "JOB")
PATHS_MAX: Final = 1_000
LINKS_MAX: Final = 5_000_000
"""So many links are looked at, a second or two, before a search among cycles is given up and says so."""
READ_BY_MORE: Final = 16
"""By so much a hop upstream is taken to be cheaper: a dataset is made from few and read by many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathQuestion:
    """From what to what? `first` paths are listed; the instant is that of as-of."""

    source: str
    target: str
    as_of: str | None = None
    granularity: str = "DATASET"
    transformations: str = "ALL"
    first: int = 10


@dataclass(slots=True)
class _Side:
    """How far one end has been walked."""

    statement: str
    onward: int
    known: set[str]
    frontier: list[str]
    links: list[tuple[str, str]] = field(default_factory=list)


async def paths(
    store: GraphStore, question: PathQuestion, limits: Limits, *, projection: Projection
) -> PathSet:
    """Answer a question; `projection` is where the graph stood before the first read."""
    check_granularity(question.granularity, GRANULARITIES)
    check_transformations(question.granularity, question.transformations)
    check_rows(question.first, min(PATHS_MAX, limits.page_max), "paths")
    async with within(limits, "ask between ends that are nearer to each other"):
        return await _answer(store, question, limits, projection=projection)


async def _answer(
    store: GraphStore, question: PathQuestion, limits: Limits, *, projection: Projection
) -> PathSet:
    starts, ends = await asyncio.gather(
        _starts(store, question, question.source, "downstream"),
        _starts(store, question, question.target, "upstream"),
    )
    reach = Reach("upstream", question.as_of, None, question.granularity, question.transformations)
    below = _Side("links_out", 1, set(starts), starts)
    above = _Side("links_in", 0, set(ends), ends)
    cut = await _approach(store, reach, below, above, limits)
    cut = cut or await _untimed(store, reach, below, above, limits)
    links = above.links + below.links if cut else (below if above.frontier else above).links
    space, found = await asyncio.to_thread(_search, links, starts, ends, question.first)
    edges = await _edges(store, reach, found.paths)
    shown = sorted(space.nodes)[: limits.page_max]
    truncated_by = [
        *([cut] if cut else []),
        *(["paths"] if found.given_up else []),
        *(["nodes_on_any_path"] if len(shown) < len(space.nodes) else []),
    ]
    return PathSet(
        # What was closed since it was walked is on no path any more.
        paths=[
            Path(list(path), [edges[pair] for pair in pairwise(path)])
            for path in found.paths
            if all(pair in edges for pair in pairwise(path))
        ],
        nodes_on_any_path=shown,
        path_count_at_least=str(found.count),
        path_count_exact=found.exact and not cut,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=sum(1 for edge in edges.values() if edge.evidence == "PRODUCT"),
            position=projection.position,
        ),
    )


async def _starts(store: GraphStore, question: PathQuestion, key: str, direction: Direction) -> list[str]:
    root = await resolve_root(store, key, direction, question.granularity)
    return list(root.starts)


async def _approach(
    store: GraphStore, reach: Reach, below: _Side, above: _Side, limits: Limits
) -> str | None:
    """Walk both ends until one side has nowhere to go; name the limit that stopped it before."""
    now = asyncio.get_running_loop().time
    # It ends before the question does, so that what was met can still be told, marked as cut.
    ends_at = now() + 0.6 * limits.time_s
    while below.frontier and above.frontier:
        side = above if len(above.frontier) <= READ_BY_MORE * len(below.frontier) else below
        if not await _hop(store, reach, side, until=lambda: now() >= ends_at):
            return "time"
        if len(below.known) + len(above.known) > limits.nodes_max:
            return "nodes"
    return None


async def _hop(store: GraphStore, reach: Reach, side: _Side, *, until: Callable[[], bool]) -> bool:
    """Go one link on from a side's frontier; tell whether the time was enough."""
    statement = reach.wording(side.statement)
    found: set[str] = set()
    hop = answers(store, statement, side.frontier, size=FRONTIER_MAX, **reach.filters)
    async with aclosing(hop) as lists:
        async for rows in lists:
            links = [(source, target) for row in rows for source, target in row["links"]]
            side.links.extend(links)
            found.update(link[side.onward] for link in links)
            if until():
                return False
    side.frontier = sorted(found - side.known)
    side.known |= found
    return True


async def _untimed(store: GraphStore, reach: Reach, below: _Side, above: _Side, limits: Limits) -> str | None:
    """Say `untimed` where a path may be missing since no time is known of one of its links, or `time`.

    Such a path would leave what the side that came to its end met, by such a link.
    """
    ended = above if below.frontier else below
    direction: Direction = "upstream" if ended is above else "downstream"
    try:
        async with asyncio.timeout(0.2 * limits.time_s):
            found = await past_unknown(store, replace(reach, direction=direction), sorted(ended.known))
    except TimeoutError:
        return "time"
    return "untimed" if found else None


def _search(
    links: Sequence[tuple[str, str]], starts: list[str], ends: list[str], first: int
) -> tuple[Between, Found]:
    space = between(links, starts, ends)
    return space, find_paths(space, first, links_max=LINKS_MAX)


async def _edges(
    store: GraphStore, reach: Reach, found: Sequence[tuple[str, ...]]
) -> dict[tuple[str, str], LineageEdge]:
    """Read the edges along the paths found."""
    pairs = {pair for path in found for pair in pairwise(path)}
    rows = await read_edges(store, reach, "in", sorted({target for _, target in pairs}))
    along = [row for row in rows if (row.source, row.target) in pairs]
    joined = join_edges(along, reach)
    return {(edge.source, edge.target): edge for edge in joined}
