"""Is an event read alike in every process, and is one on which the code raises set aside?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.processes import mentioning
from graph_schema import instants
from ingest import canonical
from ingest.children import everywhere
from ingest.journal import Journal, Record
from ingest.project.batch import Received
from ingest.readers import read_here
from ingest.rebuild import read
from ingest.rebuild.read import fold_all
from ingest.state import State
from tests.ingest.joined import joined, rows_joined
from tests.laws.fuzz import forms_of
from tests.laws.histories import random_history

UNREADABLE = Received(b"[]", b"\x07" * 32, suspect=False)


def received(seed: int) -> list[Received]:
    """Give a random history as the journal would."""
    return [
        Received(canonical.text_of(form), canonical.digest(form), suspect)
        for form, suspect in forms_of(random_history(seed, "mixed", 20))
    ]


def test_other_processes_read_the_same_in_order() -> None:
    """Batches come back in their order, each event as this process reads it."""
    batches = [received(seed) for seed in range(12)]
    with everywhere() as over:
        assert list(over(read_here, batches)) == [read_here(batch) for batch in batches]


def test_one_that_raises_does_not_take_others_with_it() -> None:
    """In its place stands what was raised; its neighbours are read."""
    before, after = received(1)[:1], received(2)[:1]
    with everywhere() as over:
        (said,) = over(read_here, [[*before, UNREADABLE, *after]])
    assert said[::2] == read_here([*before, *after])
    assert "EventRejected" in str(said[1])


def test_what_was_handed_over_before_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in small chunks by several processes, each of which hands a body over once, the state is the same."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    listed = [one for seed in range(8) for one in received(seed)]
    journal.append(
        [Record("event", e.body, e.digest, e.suspect, instants.now(), "test", None) for e in listed]
    )
    held = []
    monkeypatch.setattr(read, "_EVENTS", 7)
    for name, children in (("one", False), ("many", True)):
        state = State(tmp_path / name)
        with everywhere(worth_it=children) as over:
            fold_all(state, journal, journal.end(), lambda _stage, _done, _total: None, over=over)
        held.append(rows_joined(state))
        state.close()
    whole = joined([one for one in read_here(listed) if not isinstance(one, str)])
    assert len(whole["body"]) > 20
    assert held == [whole, whole]
    journal.close()


def test_no_process_is_left_behind() -> None:
    """Who stops half way leaves no process behind."""
    with everywhere() as over:
        next(over(read_here, [received(seed) for seed in range(12)]))
    assert mentioning("ingest.children") == []


def test_a_rebuild_sets_aside_what_cannot_be_read(tmp_path: Path) -> None:
    """The event is recorded as set aside with the reason, the others are folded, and the next fold leaves it out."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    listed = [UNREADABLE, *received(3)]
    journal.append(
        [Record("event", e.body, e.digest, e.suspect, instants.now(), "test", None) for e in listed]
    )
    for turn in range(2):
        state = State(tmp_path / f"state-{turn}.sqlite")
        folded = fold_all(state, journal, journal.end(), lambda _stage, _done, _total: None)
        state.close()
        assert folded == len({e.digest for e in listed}) - 1
    aside = journal.read_after(0, 10, kind="set-aside")
    assert [record.body for record in aside] == [UNREADABLE.digest]
    journal.close()
