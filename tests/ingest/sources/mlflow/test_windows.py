"""Is every run asked for that may be other than it was, and does no client's clock hide another's run?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.mlflow.windows import OVERLAP_MS, Cursor, filters, first_filter, seen, sweep_filter

NOW = 1_800_000_000_000
times = st.integers(0, NOW + 10**12)


@given(st.lists(times), times)
def test_a_clock_ahead_hides_nothing(starts: list[int], start: int) -> None:
    """What begins now is within the window, whatever was seen before: a time ahead of now moves no cursor there."""
    cursor = seen(Cursor(ended=0), starts, starts, now=NOW)
    assert cursor.started <= NOW
    assert (cursor.ended or 0) <= NOW
    since = int(next(filters(cursor, [])).rpartition(" ")[2])
    assert since <= NOW - OVERLAP_MS
    assert seen(cursor, [start], [], now=NOW).started >= cursor.started


def test_what_is_asked_for() -> None:
    """Lately begun, lately ended, open by state, and each that was open; the first reading goes on where it was."""
    asked = list(filters(Cursor(started=NOW, ended=NOW), [f"r{n}" for n in range(150)]))
    assert asked[:4] == [
        f"attributes.start_time >= {NOW - OVERLAP_MS}",
        f"attributes.end_time >= {NOW - OVERLAP_MS}",
        "attributes.status = 'RUNNING'",
        "attributes.status = 'SCHEDULED'",
    ]
    assert [one.count("'r") for one in asked[4:]] == [100, 50]
    assert first_filter(Cursor()) == sweep_filter(Cursor()) == ""
    assert first_filter(Cursor(started=NOW)) == f"attributes.start_time >= {NOW - OVERLAP_MS}"
    assert sweep_filter(Cursor(sweep=5)) == "attributes.start_time >= 5"
