"""Is an event that Marquez rewrote the same event, in any order and any batches?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.journal import Journal, Record

AT = "2026-05-01T10:00:00.000000Z"


def event(name: str, rewritten: str | None = None) -> Record:
    """An event, and what Marquez would make of it."""
    alias = None if rewritten is None else sha256(rewritten.encode()).digest()
    digest = sha256(name.encode()).digest()
    return Record("event", name.encode(), digest, suspect=False, received_at=AT, source="x", alias=alias)


EVENTS = [event("p1", "r"), event("p2", "r"), event("r"), event("q", "s"), event("s"), event("alone")]
"""Two events that Marquez would make one row of, that row; one with its row; one that it leaves as it is."""


@contextmanager
def journal() -> Iterator[Journal]:
    with TemporaryDirectory() as folder, closing(Journal.open(Path(folder) / "journal.sqlite")) as opened:
        yield opened


def kept(order: list[int], cuts: list[int]) -> list[bytes]:
    """Give what a journal holds of events that came in this order, in batches."""
    with journal() as opened:
        batch: list[Record] = []
        for place, number in enumerate(order):
            batch.append(EVENTS[number])
            if place in cuts:
                opened.append(batch)
                batch = []
        opened.append(batch)
        assert opened.verify().ok
        return [one.body for one in opened.read_after(0, 100)]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 5), max_size=14), st.lists(st.integers(0, 14), max_size=4))
def test_no_event_is_beside_its_rewriting(order: list[int], cuts: list[int]) -> None:
    """Whatever came first stays; an event and its row are never both there, and two events that share a row may be."""
    names = [EVENTS[number].body for number in order]
    expected: list[bytes] = []
    for name in names:
        same = {
            b"r": [b"r", b"p1", b"p2"],
            b"p1": [b"p1", b"r"],
            b"p2": [b"p2", b"r"],
            b"q": [b"q", b"s"],
            b"s": [b"s", b"q"],
        }
        if not any(one in expected for one in same.get(name, [name])):
            expected.append(name)
    assert kept(order, cuts) == expected


def test_a_duplicate_answers_with_the_first_position(tmp_path: Path) -> None:
    """Also by its other hash."""
    with closing(Journal.open(tmp_path / "journal.sqlite")) as opened:
        opened.append([event("before"), event("p", "r")])
        [at] = opened.append([event("r")])
        assert (at.position, at.duplicate) == (2, True)


def test_a_journal_of_before_is_gone_on_with(tmp_path: Path) -> None:
    """One that was made without the table of second hashes gets it when it is opened; its records stay as they are."""
    path = tmp_path / "journal.sqlite"
    with closing(Journal.open(path)) as opened:
        opened.append([event("alone")])
        head = opened.head()
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE alias")
    with closing(Journal.open(path)) as opened:
        assert opened.verify(expected_head=head).ok
        assert [at.duplicate for at in opened.append([event("alone"), event("p", "r"), event("r")])] == [
            True,
            False,
            True,
        ]
