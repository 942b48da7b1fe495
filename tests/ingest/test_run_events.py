"""Are a run's events found beside the projector that keeps them, by time, however long they are?"""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_schema.errors import StoreUnavailable
from graph_schema.identity import redact
from graph_schema.secrets import redacted
from ingest import run_events
from ingest.journal import Journal
from ingest.projector_parts import catch_up, open_state
from ingest.run_events import RunEvents
from tests.arrows import hour, run_text, story
from tests.laws.kept import records_of

LINES = (
    "3 COMPLETE r1 j: a -> b",
    "1 START r1 j: a -> b",
    "9 RUNNING r1 j: a -> b | suspect",
    "2 RUNNING r1 j: a -> b",
    "2 START r2 j: a -> b",
)


def folded(folder: Path) -> RunEvents:
    """The events of a short story, folded into a state."""
    journal = Journal.open(folder / "journal.sqlite")
    journal.append(records_of(story(*LINES)))
    state = open_state(folder / "state.sqlite", journal.id)
    catch_up(state, journal, journal.end(), set())
    state.close()
    return RunEvents(folder / "state.sqlite", journal)


def test_suspect_events_come_first_then_by_time(tmp_path: Path) -> None:
    """As they count (rule F1); the time of a suspect one is unknown. Others' events are not among them."""
    cursor, found = folded(tmp_path).read(run_text("r1"), after="", limit=10)
    assert cursor == len(LINES)
    assert [(one.event_type, one.event_time, one.suspect) for one in found] == [
        ("RUNNING", None, True),
        ("START", hour(1), False),
        ("RUNNING", hour(2), False),
        ("COMPLETE", hour(3), False),
    ]
    assert [one.position for one in found] == ["3", "2", "4", "1"]


def test_pages_end_early_where_events_are_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page has one event at least, and the next goes on after it."""
    monkeypatch.setattr(run_events, "BYTES_MAX", 10)
    reader = folded(tmp_path)
    after, seen = "", []
    while page := reader.read(run_text("r1"), after=after, limit=10)[1]:
        assert len(page) == 1
        seen.append(page[0].position)
        after = page[0].order
    assert seen == ["3", "2", "4", "1"]


def test_no_state_is_told(tmp_path: Path) -> None:
    """A state that is missing, or of another journal, is no answer and no empty list."""
    reader = folded(tmp_path)
    with pytest.raises(StoreUnavailable, match="anew"):
        RunEvents(tmp_path / "state.sqlite", Journal.open(tmp_path / "other.sqlite")).read(
            "r", after="", limit=1
        )
    (tmp_path / "state.sqlite").unlink()
    with pytest.raises(StoreUnavailable, match="headwater work"):
        reader.read(run_text("r1"), after="", limit=1)


def test_passwords_are_replaced_wherever_they_stand() -> None:
    """In every text that is an address with a password; all else stays."""
    said = {"a": ["x://u:p@q@h/t", {"b": "x://h"}], "n": 12345678901234567890123, "t": None, "k": "u:p@h"}
    assert redacted(said) == {**said, "a": ["x://u:***@h/t", {"b": "x://h"}]}
    text = "COPY FROM 'jdbc:pg://u:s@h' AND x://h:1/a@b"
    assert redacted(text) == "COPY FROM 'jdbc:pg://u:***@h' AND x://h:1/a@b"
    for address in ("pg://u:s@h", "pg://:s@h/x", "pg://u@h:1", "a+b.c-d://u:s:t@h?q=x@y"):
        assert redacted(address) == redact(address)[0]
