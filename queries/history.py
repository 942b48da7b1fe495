"""What has a dataset been made of, from when to when, and which runs began and ended it?

An edge keeps its intervals as lists; which run a bound comes from is found by matching: a run of that job that ended
at that instant by writing the target, or the one streaming run of it that was heard of before and after. Where that
finds none, or several streams, no run is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graph_schema.errors import BadInput
from graph_schema.instants import OPEN_END, SUSPECT
from queries.cursors import decode_cursor, encode_cursor
from queries.learned import Deployment
from queries.limits import Limits, check_rows, within
from queries.nodes import read_aliases_of, told
from queries.projection import Projection
from queries.results import (
    Change,
    Completeness,
    Dataset,
    EdgeHistory,
    History,
    Interval,
    PageInfo,
)
from queries.roots import resolve_root
from queries.statements import statement
from queries.store import GraphStore

ROWS_DEFAULT: Final = 20
_BOUNDS_MAX: Final = 2_000
_NEXT: Final = "\x01"
"""Behind a key, less than whatever a longer key goes on with: no key holds a control character."""

Bound = tuple[str, str]
"""A job and an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuestion:
    """Of which dataset; of edges from one source alone, where it is given. Both may be keys of fields, too."""

    of: str
    source: str | None = None
    first: int = ROWS_DEFAULT
    after: str | None = None


class _Edge(NamedTuple):
    """An edge as the statements give it."""

    source: str
    job: str
    evidence: str
    valid_from: Sequence[str]
    valid_to: Sequence[str]
    last_at: str
    earlier: int | None


class _Stream(NamedTuple):
    """A streaming run: from when to when it was heard of."""

    job: str
    run: str
    begins: str | None
    ends: str | None

    def covers(self, bound: Bound) -> bool:
        """Tell whether the run may have said something at this instant."""
        job, at = bound
        return self.job == job and (self.begins or OPEN_END) <= at <= (self.ends or SUSPECT)


async def history(
    store: GraphStore, question: HistoryQuestion, limits: Limits, *, projection: Projection
) -> History:
    """Answer a question; raises BadKey, BadInput, NodeNotFound, LimitExceeded, TimedOut."""
    check_rows(question.first, limits.page_max)
    async with within(limits, "ask for a smaller page"):
        return await _answer(store, question, projection=projection)


async def _answer(store: GraphStore, question: HistoryQuestion, *, projection: Projection) -> History:
    target = await _dataset(store, question.of)
    source = None if question.source is None else await _dataset(store, question.source)
    identity = ["history", target, source]
    after = None if question.after is None else decode_cursor(question.after, identity, tuple[str, str])
    found = await _edges(store, target, source, after=after, limit=question.first + 1)
    shown = found[: question.first]
    changes, changes_earlier = await _changes(store, target)
    runs = await _runs_of_bounds(store, target, shown)
    edges = [_told_edge(target, edge, runs, changes) for edge in shown]
    cut = {"intervals": any(edge.earlier for edge in edges), "changes": changes_earlier > 0}
    truncated_by = [name for name, was_cut in cut.items() if was_cut]
    return History(
        dataset=target,
        source=source,
        changes=changes,
        edges=edges,
        completeness=Completeness(
            complete=not truncated_by,
            truncated_by=truncated_by,
            hidden=0,
            guessed_edges=sum(1 for edge in edges if edge.evidence == "PRODUCT"),
            position=projection.position,
        ),
        page_info=PageInfo(
            len(found) > question.first,
            encode_cursor(identity, (shown[-1].source, shown[-1].job)) if shown else None,
        ),
    )


async def _dataset(store: GraphStore, text: str) -> str:
    """Give the canonical name that a dataset's or field's key means."""
    root = (await resolve_root(store, text, "upstream", "DATASET")).node
    if not isinstance(root, Dataset | Deployment):
        raise BadInput(
            "datasets and deployments have a history; ask about one, or about a field", key=root.key
        )
    return root.key


async def _edges(
    store: GraphStore, target: str, source: str | None, *, after: tuple[str, str] | None, limit: int
) -> list[_Edge]:
    last_source, job_from = ("", "") if after is None else (after[0], after[1] + _NEXT)
    subject = "served" if target.startswith("deployment:") else "history"
    name = f"{subject}/{'edges_into' if source is None else 'edges_between'}"
    rows = await store.read(
        statement(name), key=target, source=source or last_source, job_from=job_from, limit=limit
    )
    return [_Edge(*edge) for row in rows for edge in row["edges"]]


async def _changes(store: GraphStore, dataset: str) -> tuple[list[Change], int]:
    """List what happened to a name, oldest first, and count what happened before that."""
    if dataset.startswith("deployment:"):
        return [], 0
    (row,) = await store.read(statement("history/changes"), key=dataset)
    kept = row["changed"]
    lists = (kept[name] or () for name in ("changes", "changed_at", "changed_other", "changed_by"))
    found = [] if kept["created_at"] is None else [Change("CREATED", kept["created_at"])]
    found += [
        Change(kind, told(at), other or None, run or None)
        for kind, at, other, run in zip(*lists, strict=True)
    ]
    return sorted(found, key=lambda change: change.at or ""), kept["changes_earlier"] or 0


async def _runs_of_bounds(
    store: GraphStore, target: str, edges: Sequence[_Edge]
) -> Mapping[Bound, list[str]]:
    """Name the runs that the bounds of some edges come from."""
    bounds = sorted(
        {(edge.job, at) for edge in edges if edge.job for at in (*edge.valid_from, *edge.valid_to)}
    )
    asked = [bound for bound in bounds if bound[1] not in {SUSPECT, OPEN_END}]
    names = [target, *(await read_aliases_of(store, [target]))[target]]
    ended, streams = await asyncio.gather(
        _ended(store, asked, names), _streams(store, sorted({job for job, _ in asked}), names)
    )
    for bound in asked:
        covering = [stream.run for stream in streams if stream.covers(bound)]
        if bound not in ended and len(covering) == 1:
            ended[bound] = covering
    return ended


async def _ended(store: GraphStore, bounds: Sequence[Bound], names: Sequence[str]) -> dict[Bound, list[str]]:
    found: dict[Bound, list[str]] = {}
    for start in range(0, len(bounds), _BOUNDS_MAX):
        some: list[Any] = [list(bound) for bound in bounds[start : start + _BOUNDS_MAX]]
        for row in await store.read(statement("history/runs_ended"), bounds=some, names=names):
            for job, at, run in sorted(row["runs"]):
                found.setdefault((job, at), []).append(run)
    return found


async def _streams(store: GraphStore, jobs: Sequence[str], names: Sequence[str]) -> list[_Stream]:
    rows = await store.read(statement("history/runs_streaming"), jobs=jobs, names=names) if jobs else []
    return [_Stream(*run) for row in rows for run in row["runs"]]


def _told_edge(
    target: str, edge: _Edge, runs: Mapping[Bound, list[str]], changes: Sequence[Change]
) -> EdgeHistory:
    def closed_by(at: str) -> list[str] | None:
        # A drop is sorted before what was written at the same instant (rule D3): it is what closed the edge.
        drops = [change.run for change in changes if change.kind == "DROPPED" and change.at == at]
        if drops:
            return [run for run in drops if run] or None
        return runs.get((edge.job, at))

    return EdgeHistory(
        source=edge.source,
        target=target,
        job=edge.job or None,
        evidence=edge.evidence,
        last_at=told(edge.last_at),
        earlier=edge.earlier or 0,
        intervals=[
            Interval(told(start), told(end), runs.get((edge.job, start)), closed_by(end))
            for start, end in zip(edge.valid_from, edge.valid_to, strict=True)
        ],
    )
