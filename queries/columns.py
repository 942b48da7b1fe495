"""Where does each column of a table come from, and where does it go?

A whole table at once: the fields of a dataset, page by page, each with the column edges on its two sides. What
decides over whole datasets (a filter, a join, a sort) is no way for a value and stands apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import msgspec

from graph_schema.errors import BadInput
from graph_schema.identity import parse_key
from queries.cursors import decode_cursor, encode_cursor
from queries.edges import join_edges, page_shapes, read_edges
from queries.limits import Limits, check_rows, check_transformations, within
from queries.nodes import field_order, read_fields_of
from queries.projection import Projection
from queries.results import Completeness, Field, LineageEdge, Node, PageInfo, ShapeEdge
from queries.roots import resolve_root
from queries.store import GraphStore
from queries.walk import Reach

FIELDS_DEFAULT: Final = 200
_Near = Mapping[str, Sequence[LineageEdge]]
"""The edges of a walk by their end that is nearer to the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsQuestion:
    """The columns of which dataset? `depth` counts edges on each side; times are instants; `first` counts fields."""

    dataset: str
    depth: int = 1
    as_of: str | None = None
    seen_since: str | None = None
    transformations: str = "ALL"
    first: int = FIELDS_DEFAULT
    after: str | None = None

    def identity(self, root: str) -> list[Any]:
        """Give what a cursor is bound to: everything but the page itself."""
        return ["columns", root, self.depth, self.as_of, self.seen_since, self.transformations]


class FieldEnds(msgspec.Struct, frozen=True):
    """A field, and the column edges upstream and downstream of it, nearest first; each says what it did to the data."""

    field: Field
    sources: list[LineageEdge]
    targets: list[LineageEdge]


class FieldLineage(msgspec.Struct, frozen=True):
    """One page of a dataset's fields; the fields that shape it; the datasets that fields of this page shape."""

    dataset: Node
    fields: list[FieldEnds]
    shaped_by: list[ShapeEdge]
    shapes: list[ShapeEdge]
    completeness: Completeness
    page_info: PageInfo


async def field_lineage(
    store: GraphStore, question: ColumnsQuestion, limits: Limits, *, projection: Projection
) -> FieldLineage:
    """Answer a question; `projection` is where the graph stood before the first read."""
    check_transformations("FIELD", question.transformations)
    check_rows(question.first, limits.page_max)
    if question.depth < 0:
        raise BadInput("depth counts edges from 0 on", depth=question.depth)
    if parse_key(question.dataset).kind not in {"dataset", "field"}:
        raise BadInput("columns are those of a dataset; ask about a dataset: key", key=question.dataset[:300])
    async with within(limits, "ask with a smaller depth or a smaller page"):
        return await _answer(store, question, limits, projection=projection)


async def _answer(
    store: GraphStore, question: ColumnsQuestion, limits: Limits, *, projection: Projection
) -> FieldLineage:
    root = (await resolve_root(store, question.dataset, "upstream", "DATASET")).node
    identity = question.identity(root.key)
    after = None
    if question.after is not None:
        after = decode_cursor(question.after, identity, tuple[bool, bool, int, str])
    fields = (await read_fields_of(store, [root.key]))[root.key]
    rest = [field for field in fields if after is None or field_order(field) > after]
    shown = rest[: question.first]
    up = Reach("upstream", question.as_of, question.seen_since, "FIELD", question.transformations)
    down = replace(up, direction="downstream")
    keys = [field.key for field in shown]
    # It ends before the question does, so that what was read can still be told, marked as cut.
    ends_at = asyncio.get_running_loop().time() + 0.6 * limits.time_s
    depth = min(question.depth, limits.depth_max)
    (above, above_cut), (below, below_cut), (shaped_by, by_cut), (shapes, shapes_cut) = await asyncio.gather(
        _side(store, up, keys, _Bound(depth, limits.page_max, ends_at)),
        _side(store, down, keys, _Bound(depth, limits.page_max, ends_at)),
        page_shapes(store, up, [root.key], limits.page_max),
        page_shapes(store, down, keys, limits.page_max),
    )
    rows, full = _rows(shown, (above, below), depth, limits.page_max)
    cuts = {above_cut, below_cut, "edges" if full else None, "shapes" if by_cut or shapes_cut else None}
    if depth < question.depth and _goes_on((above, below), keys, depth):
        cuts.add("depth")
    truncated_by = sorted(cut for cut in cuts if cut)
    return FieldLineage(
        dataset=root,
        fields=rows,
        shaped_by=shaped_by,
        shapes=shapes,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=0,
            position=projection.position,
        ),
        page_info=PageInfo(
            len(rest) > len(shown), encode_cursor(identity, field_order(shown[-1])) if shown else None
        ),
    )


@dataclass(frozen=True, slots=True)
class _Bound:
    """How far a side is read: edges deep, edges in all, and the loop time at which it ends."""

    depth: int
    edges_max: int
    ends_at: float


async def _side(
    store: GraphStore, reach: Reach, keys: Sequence[str], bound: _Bound
) -> tuple[_Near, str | None]:
    """Read the edges on one side of a table, hop by hop; name the limit that stopped it."""
    upstream = reach.direction == "upstream"
    near: dict[str, list[LineageEdge]] = {}
    known, frontier, count = set(keys), list(keys), 0
    for _ in range(bound.depth):
        if not frontier:
            break
        if count > bound.edges_max:
            return near, "edges"
        if asyncio.get_running_loop().time() >= bound.ends_at:
            return near, "time"
        rows = await read_edges(store, reach, "in" if upstream else "out", frontier)
        edges = join_edges(rows, reach)
        for edge in edges:
            near.setdefault(edge.target if upstream else edge.source, []).append(edge)
        count += len(edges)
        frontier = sorted({edge.source if upstream else edge.target for edge in edges} - known)
        known.update(frontier)
    return near, None


def _rows(
    fields: Sequence[Field], sides: tuple[_Near, _Near], depth: int, edges_max: int
) -> tuple[list[FieldEnds], bool]:
    """Give each field its edges, so many in all; tell whether some were left out."""
    left = edges_max
    rows = []
    for field in fields:
        found = []
        for side in sides:
            edges = list(islice(edges_from(side, field.key, depth), left + 1))
            found.append(edges[: max(left, 0)])
            left -= len(edges)
        rows.append(FieldEnds(field, *found))
    return rows, left < 0


def edges_from(near: _Near, start: str, depth: int) -> Sequence[LineageEdge]:
    """List the edges met within so many hops of a field: nearest first, those of one hop by their ends."""
    met: list[LineageEdge] = []
    known, frontier = {start}, [start]
    for _ in range(depth):
        hop = [edge for key in frontier for edge in near.get(key, ())]
        if not hop:
            break
        met += sorted(hop, key=lambda edge: (edge.source, edge.target))
        ends = {end for edge in hop for end in (edge.source, edge.target)}
        frontier = sorted(ends - known)
        known.update(ends)
    return met


def _goes_on(sides: tuple[_Near, _Near], keys: Sequence[str], depth: int) -> bool:
    """Tell whether a walk was still finding edges at its last hop."""
    return any(
        len(edges_from(side, key, depth)) > len(edges_from(side, key, depth - 1))
        for side in sides
        for key in keys
    )
