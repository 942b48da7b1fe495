"""Does the end of a run wait for, and hold up, who touches what the run wrote?"""

from __future__ import annotations

import json

from graph_schema.identity import dataset_key
from ingest.forward.touched import Touched, touched
from ingest.forward.written import Written
from tests.arrows import event


def of(line: str) -> Touched:
    return touched(json.dumps(event(line)[0]).encode())


def db(*names: str) -> set[str]:
    return {dataset_key("db", name) for name in names}


def test_the_end_of_a_run_touches_what_it_wrote() -> None:
    """Whoever reads c must not overtake the event that ends its writer, which itself names nothing."""
    written = Written()
    begin, end = (
        written.with_earlier(of(line)) for line in ("1 START r1 load: a -> c", "2 COMPLETE r1 load:")
    )
    assert begin.changes >= db("c")
    assert end.changes == begin.changes
    other = written.with_earlier(of("3 START r2 mart: c -> e"))
    assert end.changes & other.reads == db("c")
    assert not other.changes & db("c")


def test_what_is_written_is_not_also_read() -> None:
    """A run that reads later what it wrote earlier keeps the order of a writer."""
    written = Written()
    written.with_earlier(of("1 START r1 load: a -> c"))
    later = written.with_earlier(of("2 RUNNING r1 load: c -> d"))
    assert (db("c") <= later.changes, later.reads) == (True, frozenset())


def test_the_oldest_runs_are_forgotten() -> None:
    """So many runs are remembered and no more; one that is heard of again counts as new."""
    written = Written(runs_max=2)
    for line in (
        "1 START r1 one: -> a",
        "2 START r2 two: -> b",
        "3 RUNNING r1 one:",
        "4 START r3 three: -> c",
    ):
        written.with_earlier(of(line))
    assert written.with_earlier(of("5 COMPLETE r1 one:")).changes >= db("a")
    assert not written.with_earlier(of("6 COMPLETE r2 two:")).changes & db("b")


def test_events_without_a_run_are_left_alone() -> None:
    """They have no earlier ones."""
    found = of("1 DATASET c")
    assert Written().with_earlier(found) == found
