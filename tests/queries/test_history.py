"""Are all intervals of a dataset's edges told, and the runs that opened and closed them, and no other?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from graph_schema.errors import BadInput, LimitExceeded, LineageError, NodeNotFound
from graph_schema.instants import OPEN_END, SUSPECT
from ingest.journal import Record
from queries.history import HistoryQuestion, history
from queries.limits import Limits
from queries.projection import read_projection
from queries.results import EdgeHistory, History
from queries.store import GraphStore
from tests.arrows import hour, job_key_of, key_of, run_key_of
from tests.engine import Database, on_arcadedb
from tests.laws.histories import random_history
from tests.laws.kept import records_of
from tests.laws.projected import home
from tests.queries.edges import edge, key, load, node
from tests.queries.storied import after

STORY = (
    "1 COMPLETE r1 load: a -> c",
    "2 COMPLETE r2 load: a b -> c",
    "3 COMPLETE r3 load: b -> c",
    "4 COMPLETE r4 clean: -> c | drop=c",
    "5 COMPLETE r5 load: b -> c",
    "6 JOB plan: x -> d",
    "7 JOB plan: y -> d",
)


async def ask(store: GraphStore, of: str, limits: Limits | None = None, **more: Any) -> History:
    question = HistoryQuestion(of=of, **more)
    return await history(store, question, limits or Limits(), projection=await read_projection(store))


def told(edge: EdgeHistory) -> list[tuple[Any, ...]]:
    """An edge's intervals in short: hours, and the runs at both ends."""
    return [(one.valid_from, one.valid_to, one.opened_by, one.closed_by) for one in edge.intervals]


def run(number: int) -> list[str]:
    return [run_key_of(f"r{number}")]


def test_intervals_name_the_runs_at_their_bounds(graph: Database, tmp_path: Path) -> None:
    """A run that ended at a bound by writing the target; a drop closes what every job kept open."""
    answer = after(graph, tmp_path, *STORY, ask=lambda store: ask(store, key_of("c")))
    assert [(one.source, one.job) for one in answer.edges] == [
        (key_of("a"), job_key_of("load")),
        (key_of("b"), job_key_of("load")),
    ]
    a, b = answer.edges
    assert told(a) == [(hour(1), hour(3), run(1), run(3))]
    assert told(b) == [(hour(2), hour(4), run(2), run(4)), (hour(5), None, run(5), None)]
    assert [(one.kind, one.at, one.run) for one in answer.changes] == [
        ("CREATED", hour(1), None),
        ("DROPPED", hour(4), run_key_of("r4")),
    ]
    assert (answer.completeness.complete, answer.completeness.guessed_edges) == (True, 2)


def test_what_no_run_did_names_none(graph: Database, tmp_path: Path) -> None:
    """Bounds that JobEvents and DatasetEvents gave are exact and name nobody, whatever ran at that time."""
    lines = (*STORY, "6 COMPLETE r6 plan: x -> other", "7 DATASET d | on=d<y", "8 DATASET d | drop=d")
    answer = after(graph, tmp_path, *lines, ask=lambda store: ask(store, key_of("d")))
    assert [(one.source, one.job, told(one)) for one in answer.edges] == [
        (key_of("x"), job_key_of("plan"), [(hour(6), hour(7), None, None)]),
        (key_of("y"), None, [(hour(7), hour(8), None, None)]),
        (key_of("y"), job_key_of("plan"), [(hour(7), hour(8), None, None)]),
    ]
    assert answer.changes[-1].run is None


def test_a_stream_is_named_where_it_is_the_only_one(graph: Database, tmp_path: Path) -> None:
    """Its events are observations; of two streams heard of at that time, neither is guessed."""
    lines = (
        "1 START r1 flow: t -> s | jobtype=STREAMING",
        "2 RUNNING r1 flow: u -> s | jobtype=STREAMING",
        "5 COMPLETE r1 flow: t -> s | jobtype=STREAMING",
        "1 START r2 both: t -> p | jobtype=STREAMING",
        "2 RUNNING r3 both: u -> p | jobtype=STREAMING",
        "4 RUNNING r2 both: t -> p | jobtype=STREAMING",
        "5 RUNNING r3 both: u -> p | jobtype=STREAMING",
    )

    async def both(store: GraphStore) -> tuple[History, History]:
        return await ask(store, key_of("s")), await ask(store, key_of("p"))

    one, two = after(graph, tmp_path, *lines, ask=both)
    assert [told(edge)[0][2] for edge in one.edges] == [run(1), run(1)]
    first = {edge.source: told(edge)[0] for edge in two.edges}
    assert first[key_of("t")][:3] == (hour(1), hour(2), run(2))
    assert first[key_of("t")][3] is None


def test_renames_are_told_from_both_sides(graph: Database, tmp_path: Path) -> None:
    """The new name came from the old, the old went to the new; the edge between them is of the run that did it."""
    lines = ("1 COMPLETE r1 load: a -> old", "2 COMPLETE r2 move: -> new | rename=new<old")

    async def both(store: GraphStore) -> tuple[History, History]:
        return await ask(store, key_of("old")), await ask(store, key_of("new"))

    old, new = after(graph, tmp_path, *lines, ask=both)
    says = [(one.kind, one.at, one.other, one.run) for one in (old.changes[-1], new.changes[-1])]
    assert says == [
        ("RENAMED_TO", hour(2), key_of("new"), run_key_of("r2")),
        ("RENAMED_FROM", hour(2), key_of("old"), run_key_of("r2")),
    ]
    (moved,) = new.edges
    assert (moved.evidence, told(moved)) == ("RENAME", [(hour(2), None, run(2), None)])


def test_one_edge_alone_and_page_by_page(graph: Database, tmp_path: Path) -> None:
    """From one source, a row for each of its jobs; pages go on by (source, job), nothing twice."""
    lines = (
        "1 COMPLETE r1 j: a -> c",
        "2 COMPLETE r2 jj: a b -> c",
        "3 DATASET c | on=c<a",
        "4 COMPLETE r3 k: a2 -> c",
    )

    async def pages(store: GraphStore, **asked: Any) -> list[tuple[str, str | None]]:
        seen: list[tuple[str, str | None]] = []
        after: str | None = None
        while True:
            page = await ask(store, key_of("c"), first=1, after=after, **asked)
            seen += [(one.source, one.job) for one in page.edges]
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return seen

    async def both(store: GraphStore) -> tuple[Any, ...]:
        nothing = await ask(store, key_of("a"), source=key_of("c"))
        return await pages(store), await pages(store, source=key_of("a")), nothing.edges

    every, one, none = after(graph, tmp_path, *lines, ask=both)
    a, j, jj = key_of("a"), job_key_of("j"), job_key_of("jj")
    assert one == [(a, None), (a, j), (a, jj)]
    assert every == [*one, (key_of("a2"), job_key_of("k")), (key_of("b"), jj)]
    assert none == []


def test_another_name_has_the_history_of_the_canonical_one(graph: Database, tmp_path: Path) -> None:
    """A dataset's other name, or a field of it, means the canonical one; the run wrote the name it sent."""
    lines = ("1 COMPLETE r1 load: a -> pg/c | symlinks=pg/c:c",)

    async def each(store: GraphStore) -> list[History]:
        return [await ask(store, key_of(name)) for name in ("c", "pg/c")]

    one, other = after(graph, tmp_path, *lines, ask=each)
    assert (one.dataset, one.edges) == (other.dataset, other.edges)
    assert told(one.edges[0]) == [(hour(1), None, run(1), None)]


@on_arcadedb
def test_what_is_not_kept_is_said(graph: Database) -> None:
    """An edge that had more intervals than are kept makes the answer incomplete."""

    async def work(store: GraphStore) -> None:
        await load(store, [node("a"), node("b")], [edge(key("a"), key("b"), earlier=3)])
        answer = await ask(store, key("b"))
        assert answer.edges[0].earlier == 3
        assert (answer.completeness.complete, answer.completeness.truncated_by) == (False, ["intervals"])

    graph.run(work)


def rows_of(answers: Iterable[History]) -> list[dict[str, Any]]:
    """The edges of answers as the export writes them, suspect instants as null."""
    return [
        {
            "source": one.source, "target": one.target, "job": one.job, "evidence": one.evidence,
            "valid_from": [each.valid_from for each in one.intervals],
            "valid_to": [each.valid_to for each in one.intervals],
            "last_at": one.last_at, "earlier": one.earlier,
        }
        for answer in answers for one in answer.edges
    ]  # fmt: skip


@pytest.mark.parametrize("streams", [False, True])
def test_all_together_are_the_export(graph: Database, tmp_path: Path, *, streams: bool) -> None:
    """All datasets' histories are the export's edges; who is named ended there by writing the target, or streams."""
    subjects = ("service",) * 3 if streams else ("attempts", "mapped", "lifecycle", "symlinks", "declared")
    records: list[Record] = []
    for number, subject in enumerate(subjects):
        records += records_of(random_history(number, subject, 25))

    async def work(store: GraphStore) -> None:
        async with home(store, tmp_path, records) as made:
            await made.project()
            found = await made.found()
            targets = sorted({row["target"] for row in found.export if row["type"] in {"feeds", "fed"}})
            answers = [await ask(store, target, first=1_000) for target in targets]
        members = ("source", "target", "job", "evidence", "valid_from", "valid_to", "last_at", "earlier")
        expected = [
            {name: row[name] for name in members} for row in found.export if row["type"] in {"feeds", "fed"}
        ]
        unsuspect = [{name: _untold(value) for name, value in row.items()} for row in expected]
        assert sorted(rows_of(answers), key=_ends) == sorted(unsuspect, key=_ends)
        canonical = {
            row["key"]: row["alias_of"] or row["key"] for row in found.export if row["type"] == "dataset"
        }
        acts = [row for row in found.everything if row["type"] == "WROTE"]
        wrote = {(row["source"], canonical[row["target"]], row["props"]["at"]) for row in acts}
        runs = {row["key"]: row["props"] for row in found.everything if row["type"] == "Run"}
        named = [
            (run, one.job, one.target, each.valid_from)
            for answer in answers for one in answer.edges for each in one.intervals
            for run in each.opened_by or ()
        ]  # fmt: skip
        assert any((runs[run].get("processing") is not None) == streams for run, *_ in named)
        for run, job, target, at in named:
            assert runs[run]["job"] == job
            assert (run, target, at) in wrote or runs[run].get("processing")

    graph.run(work)


def _ends(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["target"], row["source"], row["job"] or ""


def _untold(value: Any) -> Any:
    if isinstance(value, list):
        return [_untold(one) for one in value]
    return None if value in (SUSPECT, OPEN_END) else value


@on_arcadedb
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"of": "dataset:n:nowhere"}, NodeNotFound),
        ({"of": job_key_of("load")}, BadInput),
        ({"of": run_key_of("r1")}, BadInput),
        ({"source": "dataset:n:nowhere"}, NodeNotFound),
        ({"first": -1}, BadInput),
        ({"first": 100_000}, LimitExceeded),
        ({"after": "nonsense"}, BadInput),
    ],
)
def test_what_cannot_be_asked_is_refused(
    graph: Database, tmp_path: Path, asked: dict[str, Any], error: type[LineageError]
) -> None:
    """A typed error says what is wrong."""
    with pytest.raises(error):
        after(graph, tmp_path, *STORY, ask=lambda store: ask(store, **{"of": key_of("c"), **asked}))
