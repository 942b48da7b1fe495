"""Which part of a journal had been received at an instant, or ends at a position?"""

from __future__ import annotations

import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest.journal import Journal, Record


def second(number: int) -> str:
    return f"2026-05-01T10:00:{number:02d}.000000Z"


def record(number: int, at: int, *, event: bool) -> Record:
    """The record of a number; one that is no event was refused."""
    text = str(number).encode()
    if event:
        return Record("event", text, sha256(text).digest(), suspect=False, received_at=second(at), source="x")
    return Record("rejected", text, None, suspect=False, received_at=second(at), source="x", reason="no")


@given(
    found=st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=12),
    at=st.integers(0, 21),
    sorted_clock=st.booleans() | st.just(value=True),
)
def test_positions_of_instants_and_events(
    found: list[tuple[int, bool]], at: int, sorted_clock: object
) -> None:
    """Up to the position everything was received by then; where the clock was set back, it is still one of the edges."""
    clock = [time for time, _ in found]
    clock = sorted(clock) if sorted_clock else clock
    with tempfile.TemporaryDirectory() as folder, closing(Journal.open(Path(folder) / "j.sqlite")) as journal:
        rows = zip(clock, (event for _, event in found), strict=True)
        journal.append([record(number, time, event=event) for number, (time, event) in enumerate(rows, 1)])
        position = journal.position_at(second(at))
        if clock == sorted(clock):
            assert position == sum(time <= at for time in clock)
        assert position == 0 or clock[position - 1] <= at
        assert position == len(clock) or clock[position] > at
        events = [number for number, (_, event) in enumerate(found, 1) if event and number <= position]
        assert journal.event_at(position) == (events[-1] if events else 0)
        assert journal.received_at(position) == (second(clock[position - 1]) if position else None)
