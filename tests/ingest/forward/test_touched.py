"""Does an event touch what a Marquez's model of it depends on?"""

from __future__ import annotations

import json

from graph_schema.identity import dataset_key, job_key
from ingest.forward.touched import Touched, touched
from tests.arrows import event, run_text


def of(line: str) -> Touched:
    return touched(json.dumps(event(line)[0]).encode())


def db(*names: str) -> set[str]:
    return {dataset_key("db", name) for name in names}


def run(name: str) -> str:
    return f"run:{run_text(name)}"


def test_a_run_event() -> None:
    """Changes its run, its job and what it writes; reads what it reads, its parent and its root."""
    found = of("1 START r1 load: a -> c | parent=r9/dag root=r8/top")
    assert found.changes == {run("r1"), job_key("jobs", "load")} | db("c")
    assert found.reads == db("a") | {run("r9"), run("r8")}
    assert (found.run, found.job) == (run("r1"), job_key("jobs", "load"))


def test_names_given_by_symlinks_are_changed() -> None:
    """A name belongs to whoever comes first with it, so the order of those that give it is kept."""
    assert of("1 START r1 load: a -> c | symlinks=a:d").changes >= db("a", "d", "c")


def test_events_without_a_run() -> None:
    """A JobEvent changes its job, a DatasetEvent its dataset."""
    assert of("1 JOB load: a -> c").changes == {job_key("jobs", "load")} | db("c")
    assert of("1 DATASET c").changes == db("c")


def test_what_is_read_and_written_is_written() -> None:
    """An event that reads and writes one dataset waits for its readers, too."""
    found = of("1 START r1 load: a -> a")
    assert (found.changes >= db("a"), found.reads) == (True, frozenset())


def test_what_cannot_be_read_touches_nothing() -> None:
    """It is sent all the same."""
    assert touched(b"{") == Touched(frozenset(), frozenset())
