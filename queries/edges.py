"""Which edges stand beside the rows of a page, and what do they say?

An edge is shown on the page that holds its later end in page order, so that every page's edges have both ends
on it, on an earlier one, or at the root. Several jobs may have fed the same target from the same source: their
rows are joined into one edge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graph_schema.instants import OPEN_END, SUSPECT
from queries.results import LineageEdge, ShapeEdge
from queries.store import GraphStore
from queries.walk import Reach, chunks

EVIDENCE_ORDER: Final = ("EXPLICIT", "COLUMN", "RENAME", "DECLARED", "PRODUCT")
"""Strongest first (D2)."""
FIELD_EVIDENCE: Final = "COLUMN"
"""What a column edge is known by: a producer stated it for columns. The graph keeps no evidence on it."""
_EDGE_KEYS_MAX: Final = 1_000
_INWARD: Final = {"downstream": ("in", "out"), "upstream": ("out", "in")}
_SHAPES: Final = {"downstream": "shaped_by", "upstream": "shaping"}


class Row(NamedTuple):
    """One edge of the graph, of one job, as the statements give it; the lists are there between fields."""

    source: str
    target: str
    job: str | None
    evidence: str | None
    valid_from: list[str]
    valid_to: list[str]
    last_at: str
    types: list[str | None] | None = None
    subtypes: list[str | None] | None = None
    maskings: list[bool | None] | None = None


async def page_edges(
    store: GraphStore, reach: Reach, depth_of: Mapping[str, int], shown: Sequence[str]
) -> list[LineageEdge]:
    """Read the edges whose later end is shown; `depth_of` knows every node up to the page's last one.

    Most come into the shown nodes in walk direction. The few that lead back to an earlier page are looked for
    by keys alone first, since a hub's edges forward are many and belong to later pages.
    """

    def position(key: str) -> tuple[int, str]:
        return depth_of[key], key

    forward, back = _INWARD[reach.direction]
    on_page = frozenset(shown)
    near, candidates = await asyncio.gather(
        read_edges(store, reach, forward, shown), _read_pairs(store, reach, back, shown)
    )
    turning = {
        here
        for here, there in ((pair if back == "out" else reversed(pair)) for pair in candidates)
        if there in depth_of and there not in on_page and position(there) < position(here)
    }
    rows = near + await read_edges(store, reach, back, sorted(turning))
    kept = [
        row
        for row in rows
        if row.source in depth_of
        and row.target in depth_of
        and max(row.source, row.target, key=position) in on_page
    ]
    return join_edges(kept, as_of=reach.filters["as_of"])


async def read_edges(store: GraphStore, reach: Reach, side: str, keys: Sequence[str]) -> list[Row]:
    """Read the edges that hold on one side of some nodes."""
    found: list[Row] = []
    for chunk in chunks(keys, _EDGE_KEYS_MAX):
        answers = await store.read(reach.wording(f"edges_{side}"), keys=chunk, **reach.filters)
        found.extend(Row(*edge) for answer in answers for edge in answer["edges"])
    return found


async def _read_pairs(store: GraphStore, reach: Reach, side: str, keys: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for chunk in chunks(keys, _EDGE_KEYS_MAX):
        answers = await store.read(reach.wording(f"pairs_{side}"), keys=chunk)
        found.extend(pair for answer in answers for pair in answer["pairs"])
    return found


async def page_shapes(
    store: GraphStore, reach: Reach, keys: Sequence[str], rows_max: int
) -> tuple[list[ShapeEdge], bool]:
    """Read what shapes whole datasets; tell too whether some were left out.

    Downstream `keys` are fields, and the answer is which datasets they shape; upstream they are datasets, and
    the answer is which fields shape them.
    """
    found: list[Row] = []
    wording = reach.wording(_SHAPES[reach.direction])
    for chunk in chunks(keys, _EDGE_KEYS_MAX):
        answers = await store.read(wording, keys=chunk, limit=rows_max + 1, **reach.filters)
        found.extend(Row(*edge) for answer in answers for edge in answer["edges"])
    cut = len(found) > rows_max
    rows = sorted(set(map(_identity, found)))[:rows_max] if cut else None
    kept = [row for row in found if rows is None or _identity(row) in rows]
    return [_shape(ends, some, reach.filters["as_of"]) for ends, some in _grouped(kept)], cut


def join_edges(rows: Sequence[Row], *, as_of: str) -> list[LineageEdge]:
    """Join the rows of each (source, target), one per job, into one edge, by the interval that holds."""
    return [_join(ends, some, as_of) for ends, some in _grouped(rows)]


def _identity(row: Row) -> tuple[str, str, str]:
    return row.source, row.target, row.job or ""


def _grouped(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """Group rows by their ends, in order, each row once."""
    grouped: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        grouped.setdefault((row.source, row.target), {}).setdefault(row.job or "", row)
    return [(ends, list(grouped[ends].values())) for ends in sorted(grouped)]


def _join(ends: tuple[str, str], rows: list[Row], as_of: str) -> LineageEdge:
    stated = [row.evidence for row in rows if row.evidence is not None]
    return LineageEdge(
        source=ends[0],
        target=ends[1],
        jobs=_jobs(rows),
        evidence=min(stated, key=EVIDENCE_ORDER.index) if stated else FIELD_EVIDENCE,
        **_times(rows, as_of),
        **({} if stated else _transformations(rows)),
    )


def _shape(ends: tuple[str, str], rows: list[Row], as_of: str) -> ShapeEdge:
    return ShapeEdge(
        source=ends[0], target=ends[1], jobs=_jobs(rows), **_times(rows, as_of), **_transformations(rows)
    )


def _jobs(rows: list[Row]) -> list[str]:
    return sorted({row.job for row in rows if row.job})


def _times(rows: list[Row], as_of: str) -> dict[str, Any]:
    holding = [
        (start, end)
        for row in rows
        for start, end in zip(row.valid_from, row.valid_to, strict=False)
        if start <= as_of < end
    ]
    valid_from, valid_to = min(start for start, _ in holding), max(end for _, end in holding)
    last_at = max(row.last_at for row in rows)
    return {
        "valid_from": None if valid_from == SUSPECT else valid_from,
        "valid_to": None if valid_to == OPEN_END else valid_to,
        "last_at": None if last_at == SUSPECT else last_at,
    }


def _transformations(rows: list[Row]) -> dict[str, Any]:
    """Unite what the jobs do to the data, each (type, subtype, masking) once; "" is what was not stated."""
    stated = {
        (kind or "", subtype or "", masking)
        for row in rows
        for kind, subtype, masking in zip(
            row.types or (), row.subtypes or (), row.maskings or (), strict=False
        )
    }
    ordered = sorted(stated, key=lambda one: (one[0], one[1], one[2] is not None, bool(one[2])))
    return {
        "types": [kind or None for kind, _, _ in ordered],
        "subtypes": [subtype or None for _, subtype, _ in ordered],
        "maskings": [masking for _, _, masking in ordered],
    }
