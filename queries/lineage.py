"""What lies upstream or downstream of something?

The root is resolved first (redacted like the graph, an alias to its canonical name), then walked, then the
page's nodes and edges are read by key. Page order is (depth, key). The same question is asked of datasets and,
at granularity FIELD, of their fields; then what shapes whole datasets is told beside the edges. Runs are walked by their
own acts (`queries/run_walk.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graph_schema.errors import BadInput, NotSupported
from queries.cursors import decode_cursor, encode_cursor
from queries.edges import page_consumers, page_edges, page_shapes, past_unknown
from queries.limits import Limits, check_granularity, check_rows, check_transformations, within
from queries.nodes import read_nodes
from queries.projection import Projection
from queries.reached import Page, fill_page
from queries.results import (
    Completeness,
    Consumer,
    DepthCount,
    Field,
    KindCount,
    Lineage,
    LineageEdge,
    LineageNode,
    LineageTotals,
    Node,
    PageInfo,
    ShapeEdge,
)
from queries.roots import Root, resolve_root, resolve_run_root
from queries.run_walk import RunWalk
from queries.store import GraphStore
from queries.walk import Budget, Direction, Level, Reach, Walk, start_walk

GRANULARITIES: Final = ("DATASET", "FIELD", "JOB", "RUN")
_ROW_KINDS: Final = {
    "DATASET": ("dataset", "deployment"), "FIELD": ("field",), "JOB": ("dataset", "job"), "RUN": ("dataset", "run"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A lineage question. `depth` counts edges; `kinds` filters rows, not the walk; times are instants."""

    of: str
    direction: Direction
    depth: int | None = None
    as_of: str | None = None
    seen_since: str | None = None
    granularity: str = "DATASET"
    transformations: str = "ALL"
    kinds: frozenset[str] | None = None
    first: int = 200
    after: str | None = None
    totals: bool = False
    consumers: bool = False

    def identity(self, root: str) -> list[Any]:
        """Give what a cursor is bound to: everything but the page itself."""
        kinds = None if self.kinds is None else sorted(self.kinds)
        times = [self.as_of, self.seen_since]
        return [self.direction, root, self.depth, *times, self.granularity, self.transformations, kinds]


async def lineage(
    store: GraphStore, question: Question, limits: Limits, *, projection: Projection
) -> Lineage:
    """Answer a question; `projection` is where the graph stood before the first read."""
    _check(question, limits)
    async with within(limits, "ask with a smaller depth or a smaller page"):
        return await _answer(store, question, limits, projection=projection)


async def _answer(
    store: GraphStore, question: Question, limits: Limits, *, projection: Projection
) -> Lineage:
    root = await _root(store, question)
    identity = question.identity(root.node.key)
    after = None if question.after is None else decode_cursor(question.after, identity, tuple[int, str])
    walk = start_walk(_reach(question), _budget(question, limits), root.starts)
    page = Page(question.first, after, question.kinds, totals=question.totals)
    edges_of = await _walked(store, walk, page, root, question)
    _note_depth(walk, question, limits)
    keys = [key for _, key in page.shown]
    sides = keys if root.listed or after is not None else [*root.starts, *keys]
    nodes, edges, (shapes, shapes_cut), (consumers, consumers_cut), untimed = await asyncio.gather(
        _read_rows(store, question, keys),
        edges_of(sides),
        _shapes(store, walk.reach, sides, limits),
        _consumers(store, question, sides, limits),
        past_unknown(store, walk.reach, sides),
    )
    beside = {"shapes": shapes_cut, "consumers": consumers_cut, "untimed": untimed}
    truncated_by = [*walk.truncated_by, *(name for name, cut in beside.items() if cut)]
    return Lineage(
        root=root.node,
        nodes=[LineageNode(nodes[key], depth) for depth, key in page.shown if key in nodes],
        edges=edges,
        totals=_totals(walk, page) if question.totals else None,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=sum(1 for edge in edges if edge.evidence == "PRODUCT"),
            position=projection.position,
        ),
        page_info=PageInfo(page.full, encode_cursor(identity, page.shown[-1]) if page.shown else None),
        shapes=shapes,
        consumers=consumers,
    )


async def _root(store: GraphStore, question: Question) -> Root:
    if question.granularity == "RUN":
        return await resolve_run_root(store, question.of, question.as_of)
    return await resolve_root(store, question.of, question.direction, question.granularity)


async def _walked(
    store: GraphStore, walk: Walk, page: Page, root: Root, question: Question
) -> Callable[[Sequence[str]], Awaitable[list[LineageEdge]]]:
    """Walk as far as the page needs; give what reads the edges whose later end is one of some nodes."""
    if question.granularity == "RUN":
        runs = RunWalk(store, walk)
        await runs.fill(page, root, question.as_of)
        return runs.edges
    await fill_page(store, walk, page, await _listed(store, root, question))
    return partial(page_edges, store, walk.reach, walk.depth_of, first=page.after is None)


def _check(question: Question, limits: Limits) -> None:
    check_granularity(question.granularity, GRANULARITIES)
    check_transformations(question.granularity, question.transformations)
    if question.consumers:
        _check_consumers(question)
    if question.depth is not None and question.depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=question.depth)
    check_rows(question.first, limits.page_max)


def _check_consumers(question: Question) -> None:
    if (question.direction, question.granularity) != ("downstream", "DATASET"):
        raise BadInput(
            "consumers stand beside what is downstream at granularity DATASET; at JOB they are rows"
        )
    if question.as_of is not None or question.seen_since is not None:
        raise NotSupported("which jobs are consumers is known as it is now; ask without a time")


def _reach(question: Question) -> Reach:
    return Reach(
        question.direction,
        question.as_of,
        question.seen_since,
        question.granularity,
        question.transformations,
    )


def _budget(question: Question, limits: Limits) -> Budget:
    depth = limits.depth(question.depth)
    # The walk ends before the question does, so that what it reached can still be shown, marked as cut.
    return Budget(depth, limits.nodes_max, asyncio.get_running_loop().time() + 0.8 * limits.time_s)


def _note_depth(walk: Walk, question: Question, limits: Limits) -> None:
    """Say that our own ceiling cut the walk; a depth that was asked for cuts nothing."""
    if limits.stops_short_of(question.depth) and walk.at_bound and not walk.truncated_by:
        walk.truncated_by.append("depth")


async def _listed(store: GraphStore, root: Root, question: Question) -> Level | None:
    """Give the starts as the level that they are in the answer, if they are rows of it."""
    if not root.listed:
        return None
    starts = await _read_rows(store, question, root.starts)
    return Level(0, {key: node.kind for key, node in starts.items()})


async def _read_rows(store: GraphStore, question: Question, keys: Sequence[str]) -> dict[str, Node]:
    kinds = _ROW_KINDS[question.granularity]
    found = await asyncio.gather(*(read_nodes(store, kind, keys) for kind in kinds))
    return {key: node for some in found for key, node in some.items()}


async def _shapes(
    store: GraphStore, reach: Reach, keys: Sequence[str], limits: Limits
) -> tuple[list[ShapeEdge] | None, bool]:
    """Read what shapes whole datasets beside the fields of a page; None where datasets are walked."""
    if reach.granularity != "FIELD":
        return None, False
    if reach.direction == "downstream":
        return await page_shapes(store, reach, keys, limits.page_max)
    fields = await read_nodes(store, "field", keys)
    owners = {field.dataset for field in fields.values() if isinstance(field, Field)}
    return await page_shapes(store, reach, sorted(owners), limits.page_max)


async def _consumers(
    store: GraphStore, question: Question, keys: Sequence[str], limits: Limits
) -> tuple[list[Consumer] | None, bool]:
    """Read where data of a page ends in jobs; None where that was not asked for."""
    if not question.consumers:
        return None, False
    return await page_consumers(store, keys, limits.page_max)


def _totals(walk: Walk, page: Page) -> LineageTotals:
    return LineageTotals(
        nodes=page.by_depth.total(),
        edges=walk.pairs,
        by_kind=[KindCount(kind, count) for kind, count in sorted(page.by_kind.items())],
        by_depth=[DepthCount(depth, count) for depth, count in sorted(page.by_depth.items()) if count],
    )
