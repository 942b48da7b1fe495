"""What lies upstream or downstream of something?

The root is resolved first (redacted like the graph, an alias to its canonical name), then walked, then the
page's nodes and edges are read by key. Page order is (depth, key). An edge is shown on the page that holds
its later end in that order, so that every page's edges have both ends on it, on an earlier one, or at the
root.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph_schema.errors import BadInput, LimitExceeded, NotSupported, TimedOut
from graph_schema.instants import OPEN_END, SUSPECT
from queries.cursors import decode_cursor, encode_cursor
from queries.nodes import read_datasets
from queries.projection import Projection
from queries.results import (
    Completeness,
    DepthCount,
    KindCount,
    Lineage,
    LineageEdge,
    LineageNode,
    LineageTotals,
    PageInfo,
)
from queries.roots import Root, resolve_root
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import Budget, Direction, Level, Reach, Walk, chunks, levels, start_walk

GRANULARITIES: Final = ("DATASET", "FIELD", "JOB", "RUN")
EVIDENCE_ORDER: Final = ("EXPLICIT", "COLUMN", "RENAME", "DECLARED", "PRODUCT")
"""Strongest first (D2)."""
_EDGE_KEYS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may use; hitting one is visible in the answer or is an error."""

    depth_max: int = 10_000
    nodes_max: int = 1_000_000
    page_max: int = 5_000
    time_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A lineage question. `depth` counts edges; `kinds` filters rows, not the walk; times are instants."""

    of: str
    direction: Direction
    depth: int | None = None
    as_of: str | None = None
    seen_since: str | None = None
    granularity: str = "DATASET"
    kinds: frozenset[str] | None = None
    first: int = 200
    after: str | None = None
    totals: bool = False

    def identity(self, root: str) -> list[Any]:
        """Give what a cursor is bound to: everything but the page itself."""
        kinds = None if self.kinds is None else sorted(self.kinds)
        return [self.direction, root, self.depth, self.as_of, self.seen_since, self.granularity, kinds]


@dataclass(slots=True)
class _Page:
    """The rows of the page asked for, one more when there are more, and counts of what was walked."""

    rows: list[tuple[int, str]]
    by_kind: Counter[str]
    by_depth: Counter[int]


async def lineage(
    store: GraphStore, question: Question, limits: Limits, *, projection: Projection
) -> Lineage:
    """Answer a question; `projection` is where the graph stood before the first read."""
    _check(question, limits)
    try:
        async with asyncio.timeout(limits.time_s):
            return await _answer(store, question, limits, projection=projection)
    except TimeoutError as error:
        raise TimedOut(
            f"no answer within {limits.time_s:g} s; ask with a smaller depth or a smaller page",
            limit_s=limits.time_s,
        ) from error


async def _answer(
    store: GraphStore, question: Question, limits: Limits, *, projection: Projection
) -> Lineage:
    root = await resolve_root(store, question.of, question.direction)
    identity = question.identity(root.node.key)
    after = None if question.after is None else decode_cursor(question.after, identity, tuple[int, str])
    walk = start_walk(_reach(question), _budget(question, limits), root.starts)
    page = await _walk_page(store, walk, root, question, after=after)
    _note_depth(walk, question, limits)
    rows = page.rows[: question.first]
    keys = [key for _, key in rows]
    shown = keys if root.listed or after is not None else [*root.starts, *keys]
    nodes, edges = await asyncio.gather(read_datasets(store, keys), _page_edges(store, walk, shown))
    return Lineage(
        root=root.node,
        nodes=[LineageNode(nodes[key], depth) for depth, key in rows if key in nodes],
        edges=edges,
        totals=await _totals(store, walk, page) if question.totals else None,
        completeness=Completeness(
            complete=not walk.truncated_by,
            truncated_by=walk.truncated_by,
            hidden=0,
            guessed_edges=sum(1 for edge in edges if edge.evidence == "PRODUCT"),
            position=projection.position,
        ),
        page_info=PageInfo(len(page.rows) > len(rows), encode_cursor(identity, rows[-1]) if rows else None),
    )


def _check(question: Question, limits: Limits) -> None:
    if question.granularity not in GRANULARITIES:
        raise BadInput(f"granularity is one of {', '.join(GRANULARITIES)}", granularity=question.granularity)
    if question.granularity != "DATASET":
        raise NotSupported(
            f"granularity {question.granularity} is not built yet; ask with granularity DATASET",
            granularity=question.granularity,
        )
    if question.depth is not None and question.depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=question.depth)
    if question.first < 0:
        raise BadInput("a page has 0 rows or more", first=question.first)
    if question.first > limits.page_max:
        raise LimitExceeded(
            f"a page has at most {limits.page_max} rows; ask for fewer and go on with `after`",
            first=question.first,
            limit=limits.page_max,
        )


def _reach(question: Question) -> Reach:
    return Reach(question.direction, question.as_of, question.seen_since)


def _budget(question: Question, limits: Limits) -> Budget:
    depth = limits.depth_max if question.depth is None else min(question.depth, limits.depth_max)
    # The walk ends before the question does, so that what it reached can still be shown, marked as cut.
    return Budget(depth, limits.nodes_max, asyncio.get_running_loop().time() + 0.8 * limits.time_s)


def _note_depth(walk: Walk, question: Question, limits: Limits) -> None:
    """Say that our own ceiling cut the walk; a depth that was asked for cuts nothing."""
    asked_deeper = question.depth is None or question.depth > limits.depth_max
    if asked_deeper and walk.depth >= limits.depth_max and walk.frontier and not walk.truncated_by:
        walk.truncated_by.append("depth")


async def _walk_page(
    store: GraphStore, walk: Walk, root: Root, question: Question, *, after: tuple[int, str] | None
) -> _Page:
    page = _Page([], Counter(), Counter())
    if root.listed:
        starts = await read_datasets(store, root.starts)
        _take(page, Level(0, {key: node.kind for key, node in starts.items()}), question, after)
    if len(page.rows) > question.first and not question.totals:
        return page
    async for level in levels(store, walk):
        _take(page, level, question, after)
        if len(page.rows) > question.first and not question.totals:
            break
    return page


def _take(page: _Page, level: Level, question: Question, after: tuple[int, str] | None) -> None:
    """Count a level and put its rows on the page while there is room for one more than asked for."""
    kinds = question.kinds
    keys = [key for key, kind in level.kinds.items() if kinds is None or kind in kinds]
    if question.totals:
        page.by_kind.update(level.kinds[key] for key in keys)
        page.by_depth[level.depth] += len(keys)
    room = question.first + 1 - len(page.rows)
    if room <= 0 or (after is not None and level.depth < after[0]):
        return
    rows = sorted((level.depth, key) for key in keys)
    page.rows.extend([row for row in rows if after is None or row > after][:room])


async def _page_edges(store: GraphStore, walk: Walk, shown: Sequence[str]) -> list[LineageEdge]:
    """Read the edges whose later end is shown.

    Most come into the shown nodes in walk direction. The few that lead back to an earlier page are looked for
    by keys alone first, since a hub's edges forward are many and belong to later pages.
    """
    forward, back = ("in", "out") if walk.reach.direction == "downstream" else ("out", "in")
    on_page = frozenset(shown)
    near, candidates = await asyncio.gather(
        _read_edges(store, walk, forward, shown), _read_pairs(store, back, shown)
    )
    turning = {
        here
        for here, there in ((pair if back == "out" else reversed(pair)) for pair in candidates)
        if there in walk.depth_of and there not in on_page and walk.position(there) < walk.position(here)
    }
    rows = near + await _read_edges(store, walk, back, sorted(turning))
    known = walk.depth_of
    kept = [
        row
        for row in rows
        if row[0] in known and row[1] in known and max(row[0], row[1], key=walk.position) in on_page
    ]
    return join_edges(kept, as_of=walk.reach.filters["as_of"])


async def _read_edges(store: GraphStore, walk: Walk, side: str, keys: Sequence[str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for chunk in chunks(keys, _EDGE_KEYS_MAX):
        rows = await store.read(statement(f"lineage/edges_{side}"), keys=chunk, **walk.reach.filters)
        found.extend(edge for row in rows for edge in row["edges"])
    return found


async def _read_pairs(store: GraphStore, side: str, keys: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for chunk in chunks(keys, _EDGE_KEYS_MAX):
        rows = await store.read(statement(f"lineage/pairs_{side}"), keys=chunk)
        found.extend(pair for row in rows for pair in row["pairs"])
    return found


def join_edges(rows: Sequence[Sequence[Any]], *, as_of: str) -> list[LineageEdge]:
    """Join the rows of each (source, target), one per job, into one edge, by the interval that holds."""
    joined: dict[tuple[str, str], list[Sequence[Any]]] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        source, target, job = row[0], row[1], row[2] or ""
        if (source, target, job) not in seen:
            seen.add((source, target, job))
            joined.setdefault((source, target), []).append(row)
    return [_join(ends, joined[ends], as_of) for ends in sorted(joined)]


def _join(ends: tuple[str, str], rows: list[Sequence[Any]], as_of: str) -> LineageEdge:
    holding = [
        (start, end)
        for row in rows
        for start, end in zip(row[4], row[5], strict=False)
        if start <= as_of < end
    ]
    valid_from, valid_to = min(start for start, _ in holding), max(end for _, end in holding)
    last_at = max(row[6] for row in rows)
    return LineageEdge(
        source=ends[0],
        target=ends[1],
        jobs=sorted({row[2] for row in rows if row[2]}),
        evidence=min((row[3] for row in rows), key=EVIDENCE_ORDER.index),
        valid_from=None if valid_from == SUSPECT else valid_from,
        valid_to=None if valid_to == OPEN_END else valid_to,
        last_at=None if last_at == SUSPECT else last_at,
    )


async def _totals(store: GraphStore, walk: Walk, page: _Page) -> LineageTotals:
    """Count what the walk reached; edges among the last nodes of a cut walk are looked up now."""
    unexpanded = await _read_edges(store, walk, _OUTWARD[walk.reach.direction], walk.frontier)
    last = {(row[0], row[1]) for row in unexpanded if row[0] in walk.depth_of and row[1] in walk.depth_of}
    return LineageTotals(
        nodes=page.by_depth.total(),
        edges=walk.pairs + len(last),
        by_kind=[KindCount(kind, count) for kind, count in sorted(page.by_kind.items())],
        by_depth=[DepthCount(depth, count) for depth, count in sorted(page.by_depth.items()) if count],
    )


_OUTWARD: Final = {"downstream": "out", "upstream": "in"}
