"""Which edges stand beside the rows of a page, and what do they say?

An edge is shown on the page that holds its later end in page order, so that every page's edges have both ends
on it, on an earlier one, or at the root. Several jobs may have fed the same target from the same source: their
rows are joined into one edge.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, NamedTuple

from graph_schema.instants import OPEN_END, SUSPECT
from queries.lists import answers, read_lists, together
from queries.results import Consumer, LineageEdge, ShapeEdge
from queries.statements import statement
from queries.store import GraphStore
from queries.walk import LAST_OPEN_INSTANT, Reach

EVIDENCE_ORDER: Final = ("EXPLICIT", "COLUMN", "RENAME", "DECLARED", "PRODUCT")
"""Strongest first (D2)."""
FIELD_EVIDENCE: Final = "COLUMN"
"""What a column edge is known by: a producer stated it for columns. The graph keeps no evidence on it."""
_EDGE_KEYS_MAX: Final = 1_000
_SHAPES: Final = {"downstream": "shaped_by", "upstream": "shaping"}


class Row(NamedTuple):
    """One edge of the graph, of one job, as the statements give it.

    Edges of jobs as they are now have no times; the last three lists are there between fields.
    """

    source: str
    target: str
    job: str | None
    evidence: str | None
    valid_from: Sequence[str] = ()
    valid_to: Sequence[str] = ()
    last_at: str = SUSPECT
    types: list[str | None] | None = None
    subtypes: list[str | None] | None = None
    maskings: list[bool | None] | None = None


async def page_edges(
    store: GraphStore, reach: Reach, depth_of: Mapping[str, int], shown: Sequence[str], *, first: bool
) -> list[LineageEdge]:
    """Read the edges whose later end is shown; `depth_of` knows every node up to the page's last one.

    Edges are read from their targets, whichever way the walk goes: a dataset is made from few and read by many.
    On the first page that finds them all. Later ones also look, by keys alone, for targets on earlier pages.
    """

    def position(key: str) -> tuple[int, str]:
        return depth_of[key], key

    on_page = frozenset(shown)
    earlier = () if first else await _targets_before(store, reach, depth_of, on_page)
    rows = await read_edges(store, reach, "in", [*shown, *earlier])
    kept = [
        row for row in rows if row.source in depth_of and max(row.source, row.target, key=position) in on_page
    ]
    return join_edges(kept, reach)


async def _targets_before(
    store: GraphStore, reach: Reach, depth_of: Mapping[str, int], on_page: Collection[str]
) -> list[str]:
    """Name what the nodes of a page feed on the pages before it, at any time."""
    begins = min(((depth_of[key], key) for key in on_page), default=(0, ""))
    rows = await read_lists(store, reach.wording("targets_of"), sorted(on_page), size=_EDGE_KEYS_MAX)
    found = {key for row in rows for key in row["targets"]}
    return sorted(key for key in found if key in depth_of and (depth_of[key], key) < begins)


async def read_edges(store: GraphStore, reach: Reach, side: str, keys: Sequence[str]) -> list[Row]:
    """Read the edges that hold on one side of some nodes."""
    if reach.granularity != "JOB" or reach.filtered:
        return await _edge_rows(store, reach, side, keys)
    then = replace(reach, as_of=LAST_OPEN_INSTANT)
    now, timed = await together(_edge_rows(store, reach, side, keys), _edge_rows(store, then, side, keys))
    known = {(row.source, row.target) for row in now}
    # What a job does now is told by its own edges; only since when comes from those between datasets.
    return [*now, *(row._replace(evidence=None) for row in timed if (row.source, row.target) in known)]


async def _edge_rows(store: GraphStore, reach: Reach, side: str, keys: Sequence[str]) -> list[Row]:
    wording = reach.wording(f"edges_{side}")
    rows = await read_lists(store, wording, keys, size=_EDGE_KEYS_MAX, **reach.filters)
    return [Row(*edge) for row in rows for edge in row["edges"]]


async def past_unknown(store: GraphStore, reach: Reach, keys: Sequence[str]) -> bool:
    """Tell whether a job reads or outputs something on the onward side of some nodes of which no time is known.

    A time follows from an edge between datasets, so there is none for what is read by a job that outputs
    nothing, nor for what is output from unknown sources. Now it is shown; as of an instant it is missing.
    """
    if reach.granularity != "JOB" or not reach.filtered:
        return False
    wording = reach.wording("timed_out" if reach.direction == "downstream" else "timed_in")
    async with aclosing(answers(store, wording, keys, size=_EDGE_KEYS_MAX)) as found:
        async for rows in found:
            timed = {tuple(link) for row in rows for link in row["timed"]}
            if any(tuple(link) not in timed for row in rows for link in row["links"]):
                return True
    return False


async def page_shapes(
    store: GraphStore, reach: Reach, keys: Sequence[str], rows_max: int
) -> tuple[list[ShapeEdge], bool]:
    """Read what shapes whole datasets; tell too whether some were left out.

    Downstream `keys` are fields, and the answer is which datasets they shape; upstream they are datasets, and
    the answer is which fields shape them.
    """
    wording = reach.wording(_SHAPES[reach.direction])
    answered = await read_lists(store, wording, keys, size=_EDGE_KEYS_MAX, limit=rows_max + 1, **reach.times)
    found = [Row(*edge) for row in answered for edge in row["edges"]]
    cut = len(found) > rows_max
    rows = sorted(set(map(_identity, found)))[:rows_max] if cut else None
    kept = [row for row in found if rows is None or _identity(row) in rows]
    return [_shape(ends, some, reach.instant) for ends, some in _grouped(kept)], cut


async def page_consumers(
    store: GraphStore, keys: Sequence[str], rows_max: int
) -> tuple[list[Consumer], bool]:
    """Read which jobs read some datasets now and output nothing; tell too whether some were left out."""
    asking = statement("lineage/consumers_of")
    rows = await read_lists(store, asking, keys, size=_EDGE_KEYS_MAX, limit=rows_max + 1)
    found = sorted({(dataset, job) for row in rows for dataset, job in row["consumers"]})
    return [Consumer(*one) for one in found[:rows_max]], len(found) > rows_max


def join_edges(rows: Sequence[Row], reach: Reach) -> list[LineageEdge]:
    """Join the rows of each (source, target), one per job, into one edge, by the interval that holds."""
    return [_join(ends, some, reach) for ends, some in _grouped(rows)]


def _identity(row: Row) -> tuple[str, str, str]:
    return row.source, row.target, row.job or ""


def _grouped(rows: Iterable[Row]) -> list[tuple[tuple[str, str], list[Row]]]:
    """Group rows by their ends, in order."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.source, row.target), []).append(row)
    return sorted(grouped.items())


def _join(ends: tuple[str, str], rows: list[Row], reach: Reach) -> LineageEdge:
    stated = [row.evidence for row in rows if row.evidence is not None]
    return LineageEdge(
        source=ends[0],
        target=ends[1],
        jobs=_jobs(rows),
        evidence=min(stated, key=EVIDENCE_ORDER.index) if stated else FIELD_EVIDENCE,
        **_times(rows, reach.instant),
        **({} if stated else _transformations(rows, reach.takes)),
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
    valid_from = min((start for start, _ in holding), default=SUSPECT)
    valid_to = max((end for _, end in holding), default=OPEN_END)
    last_at = max(row.last_at for row in rows)
    return {
        "valid_from": None if valid_from == SUSPECT else valid_from,
        "valid_to": None if valid_to == OPEN_END else valid_to,
        "last_at": None if last_at == SUSPECT else last_at,
    }


def _transformations(
    rows: list[Row], takes: Callable[[str | None, str | None], bool] = lambda _kind, _subtype: True
) -> dict[str, Any]:
    """Unite what the jobs do to the data, each (type, subtype, masking) once; "" is what was not stated."""
    stated = {
        (kind or "", subtype or "", masking)
        for row in rows
        for kind, subtype, masking in zip(
            row.types or (), row.subtypes or (), row.maskings or (), strict=False
        )
        if takes(kind, subtype)
    }
    ordered = sorted(stated, key=lambda one: (one[0], one[1], one[2] is not None, bool(one[2])))
    return {
        "types": [kind or None for kind, _, _ in ordered],
        "subtypes": [subtype or None for _, subtype, _ in ordered],
        "maskings": [masking for _, _, masking in ordered],
    }
