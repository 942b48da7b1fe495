"""Is a node told as it stands in the graph, and what belongs to it in order?"""

from __future__ import annotations

from typing import Any

import pytest

from graph_schema.errors import BadInput, NodeNotFound
from graph_schema.instants import SUSPECT
from queries.details import read_details
from queries.nodes import (
    read_acts_of,
    read_checks_of,
    read_dataset,
    read_io_of,
    read_node,
    read_run,
    read_run_texts,
    read_runs_of,
)
from queries.results import Dataset, Job, Run
from queries.stale import read_stale
from queries.store import GraphStore
from tests.engine import Database, adhoc
from tests.queries.edges import NODES, day, key, node

PUT_RUNS = adhoc("UNWIND $rows AS row CREATE (r:Run) SET r = row", mode="write", params=("rows",))
PUT_JOBS = adhoc("UNWIND $rows AS row CREATE (j:Job) SET j = row", mode="write", params=("rows",))
HANG_ON = adhoc(
    """
    MATCH (d:Dataset {key: $key}) MATCH (r:Run {key: $run}) MATCH (j:Job {key: $job})
    CREATE (r)-[:WROTE {at: $at, row_count: 5000000000}]->(d)
    CREATE (j)-[:OUTPUTS {evidence: 'complete', declared: false, current: true}]->(d)
    WITH d
    UNWIND $fields AS row CREATE (d)-[:HAS_FIELD]->(f:Field) SET f = row
    """,
    mode="write",
    params=("key", "run", "job", "at", "fields"),
)
PUT_CHECKS = adhoc(
    "UNWIND $rows AS row MATCH (d:Dataset {key: row.dataset}) CREATE (c:Check)-[:CHECK_OF]->(d) SET c = row",
    mode="write",
    params=("rows",),
)


def run_key(number: int) -> str:
    return f"run:00000000-0000-4000-8000-{number:012d}"


def run_row(number: int, **more: Any) -> dict[str, Any]:
    return {"key": run_key(number), "job": "job:n:j", "state": "COMPLETED", **more}


async def write_job(store: GraphStore, *runs: dict[str, Any], **more: Any) -> None:
    job = {"key": "job:n:j", "namespace": "n", "name": "j", **more}
    await store.write([(PUT_JOBS, {"rows": [job]}), (PUT_RUNS, {"rows": list(runs)})])


def test_a_node_is_found_by_any_spelling_of_its_key(graph: Database) -> None:
    """By key, by Marquez's form, by names; a secret in a namespace finds the node without it."""

    async def work(store: GraphStore) -> None:
        row = {**node("t"), "key": "dataset:pg%3A//u%3A***@db%3A1:t", "namespace": "pg://u:***@db:1"}
        await store.write([(NODES, {"rows": [{**row, "last_written_at": SUSPECT}]})])
        for text in (row["key"], "dataset:pg://u:***@db:1:t", "dataset:pg://u:secret@db:1:t"):
            found = await read_node(store, text)
            assert isinstance(found, Dataset)
            assert (found.key, found.kind, found.live) == (row["key"], "TABLE", True)
            assert (found.last_written_at, found.description, found.tags) == (None, None, None)
        assert (await read_dataset(store, "pg://u:other@db:1", "t")).key == row["key"]
        with pytest.raises(NodeNotFound):
            await read_node(store, "model:n:m")

    graph.run(work)


def test_a_run_is_found_by_its_uuid(graph: Database) -> None:
    """In any accepted spelling; other keys are refused."""

    async def work(store: GraphStore) -> None:
        await write_job(store, run_row(7, job_clash=["job:n:k"], attempts=2))
        for text in (run_key(7), run_key(7)[4:], "urn:uuid:" + run_key(7)[4:].upper()):
            found = await read_run(store, text)
            assert isinstance(found, Run)
            assert (found.name, found.state, found.attempts) == (run_key(7)[4:], "COMPLETED", 2)
        with pytest.raises(BadInput):
            await read_run(store, "job:n:j")

    graph.run(work)


def test_runs_are_listed_newest_first(graph: Database) -> None:
    """Pages by (start, key); runs that never said when they started come last; nothing twice."""

    async def work(store: GraphStore) -> None:
        runs = [run_row(n, started_at=day(n // 2)) for n in range(10)]
        await write_job(store, *runs, run_row(20), run_row(21), run_row(30, job="job:n:other"))
        seen: list[str] = []
        after: tuple[str | None, str] | None = None
        while page := await read_runs_of(store, "job:n:j", after=after, limit=3):
            seen += [run.key for run in page]
            after = (page[-1].started_at, page[-1].key)
        expected = [8, 9, 6, 7, 4, 5, 2, 3, 0, 1, 20, 21]
        assert seen == [run_key(n) for n in expected]

    graph.run(work)


def test_what_belongs_to_a_node_is_read(graph: Database) -> None:
    """Fields current first, by ordinal; acts with big numbers; jobs with what their edge says."""

    async def work(store: GraphStore) -> None:
        await store.write([(NODES, {"rows": [node("t")]})])
        texts = {
            "facets": '{"big": 123456789012345678901234567890}',
            "transitions": f'[["START", "{day(1)}"]]',
        }
        await write_job(store, run_row(1, started_at=day(1), **texts))
        columns = (("old", 1, False), ("b", 2, True), ("a", 1, True), ("x", None, True))
        fields = [
            {"key": key("t") + f"#{path}", "dataset": key("t"), "name": path, "path": path,
             "ordinal": ordinal, "current": current}
            for path, ordinal, current in columns
        ]  # fmt: skip
        hang = {"key": key("t"), "run": run_key(1), "job": "job:n:j", "at": day(1), "fields": fields}
        await store.write([(HANG_ON, hang)])
        (act,) = (await read_acts_of(store, "run_writes", [run_key(1)]))[run_key(1)]
        assert (act.dataset, act.row_count) == (key("t"), 5_000_000_000)
        io = await read_io_of(store, "dataset_producers", [key("t"), key("none")], after="", limit=5)
        assert [(one.key, one.evidence, one.current) for one in io[key("t")]] == [
            ("job:n:j", "complete", True)
        ]
        assert io[key("none")] == []
        said = (await read_run_texts(store, [run_key(1)]))[run_key(1)]
        assert said["facets"] == {"big": 123456789012345678901234567890}
        job = await read_node(store, "job:n:j")
        assert isinstance(job, Job)
        details = await read_details(store, job)
        assert ([run.key for run in details["runs"]], details["more"]) == ([run_key(1)], [])
        details = await read_details(store, await read_node(store, key("t")))
        assert [one.path for one in details["fields"]] == ["a", "b", "x", "old"]

    graph.run(work)


def test_checks_are_listed_newest_first(graph: Database) -> None:
    """By time, then key; one without a time comes last."""

    async def work(store: GraphStore) -> None:
        await store.write([(NODES, {"rows": [node("t")]})])
        rows = [{"key": f"check:x:{n}", "name": f"c{n}", "dataset": key("t"), "at": day(n)} for n in range(4)]
        rows.append({"key": "check:x:9", "name": "c9", "dataset": key("t")})
        await store.write([(PUT_CHECKS, {"rows": rows})])
        first = await read_checks_of(store, key("t"), after=None, limit=3)
        assert [one.name for one in first] == ["c3", "c2", "c1"]
        rest = await read_checks_of(store, key("t"), after=(first[-1].at or "", first[-1].key), limit=3)
        assert [one.name for one in rest] == ["c0", "c9"]

    graph.run(work)


def test_an_open_run_goes_stale(graph: Database) -> None:
    """When a later run has ended, or after 24 silent hours; never a streaming job's, never a closed one."""

    async def work(store: GraphStore) -> None:
        open_run = {"state": "RUNNING", "started_at": day(1), "last_event_at": day(10)}
        await write_job(store, run_row(1, **open_run), run_row(2, started_at=day(2), ended_at=day(3)))
        keys = [run_key(1), run_key(2)]
        assert await read_stale(store, keys, now=day(10)) == {run_key(1): True, run_key(2): False}
        await store.write([(PUT_RUNS, {"rows": [run_row(3, job="job:n:k", **open_run)]})])
        assert await read_stale(store, [run_key(3)], now=day(11)) == {run_key(3): False}
        assert await read_stale(store, [run_key(3)], now=day(12)) == {run_key(3): True}
        stream = {"key": "job:n:k", "namespace": "n", "name": "k", "processing_type": "STREAMING"}
        await store.write([(PUT_JOBS, {"rows": [stream]})])
        assert await read_stale(store, [run_key(3)], now=day(20)) == {run_key(3): False}

    graph.run(work)
