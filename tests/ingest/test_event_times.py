"""Are run events found by their times, page by page, and counted, beside the projector that keeps them?"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.errors import StoreUnavailable
from graph_schema.instants import parse_instant
from ingest import run_events
from ingest.event_times import EventTimes
from ingest.journal import Journal
from ingest.projector_parts import catch_up, open_state
from queries.marquez.catalog import Page
from queries.marquez.events import Window
from tests.laws.kept import records_of

Past = list[tuple[dict[str, object], bool]]
TYPES = ("START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER")
MINUTES = st.integers(0, 24 * 60 - 1)
PASTS = st.lists(st.tuples(MINUTES, st.sampled_from(TYPES), st.booleans()), max_size=12)


def at(minute: int) -> str:
    return f"2026-03-01T{minute // 60:02d}:{minute % 60:02d}:07Z"


def past_of(drawn: list[tuple[int, str, bool]]) -> Past:
    """Events of runs of their own; of some the time is a day ahead of their receipt."""
    return [
        (
            {
                "eventTime": at(minute),
                "eventType": kind,
                "run": {"runId": f"00000000-0000-7000-8000-{number:012d}"},
                "job": {"namespace": "n", "name": "j"},
            },
            suspect,
        )
        for number, (minute, kind, suspect) in enumerate(drawn)
    ]


def folded(folder: Path, *pasts: Past) -> EventTimes:
    """Events, folded into a state one list after the other."""
    journal = Journal.open(folder / "journal.sqlite")
    for past in pasts:
        journal.append(records_of(past))
        state = open_state(folder / "state.sqlite", journal.id)
        catch_up(state, journal, journal.end(), set())
        state.close()
    return EventTimes(folder / "state.sqlite", journal)


def told(event: dict[str, object]) -> tuple[object, object]:
    return event["eventTime"], event["run"]["runId"]  # type: ignore[index]


@given(first=PASTS, second=PASTS, after=MINUTES, before=MINUTES, size=st.integers(1, 5), newest=st.booleans())
def test_pages_and_counts_equal_the_whole(
    first: list[tuple[int, str, bool]],
    second: list[tuple[int, str, bool]],
    after: int,
    before: int,
    size: int,
    *,
    newest: bool,
) -> None:
    """Within the window, by time, suspect ones last or first; pages hold everything once; twice delivered is once there."""
    past = past_of([*first, *second])
    with tempfile.TemporaryDirectory() as folder:
        reader = folded(Path(folder), past[: len(first)], past)
        window = Window(parse_instant(at(after)), parse_instant(at(before)), newest_first=newest)
        inside = [
            (event, suspect) for event, suspect in past if at(after) <= str(event["eventTime"]) < at(before)
        ]
        wanted = sorted(((not suspect, *told(event)) for event, suspect in inside), reverse=newest)
        got = []
        for start in range(0, len(past) + size, size):
            cursor, page = reader.read(window, Page(size, start))
            assert (cursor, page.count, page.cut) == (len(past), len(inside), False)
            got += [told(event) for event in page.bodies]
        assert [(one[1], Counter(got)[one]) for one in got] == [(one[1], 1) for one in got]
        assert [one[0] for one in got] == [str(one[1]) for one in wanted]
        assert sorted(map(str, got)) == sorted(str(one[1:]) for one in wanted)
        counted: Counter[tuple[str, str]] = Counter()
        for quarter, kind, number in reader.counts("2026-03-01T00:00:00.000000Z")[1]:
            counted[quarter, kind] += number
        assert counted == Counter(
            (f"{at(minute)[:14]}{minute % 60 // 15 * 15:02d}", kind)
            for minute, kind, suspect in [*first, *second]
            if not suspect
        )


def test_a_page_ends_early_where_events_are_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has one event at least, and says that it was cut."""
    monkeypatch.setattr(run_events, "BYTES_MAX", 10)
    reader = folded(tmp_path, past_of([(1, "START", False), (2, "COMPLETE", False)]))
    _, page = reader.read(Window(), Page(10))
    assert (len(page.bodies), page.count, page.cut) == (1, 2, True)
    assert reader.read(Window(), Page(1))[1].cut is False


def test_no_state_is_told(tmp_path: Path) -> None:
    """A state that is missing is no answer and no empty list."""
    reader = folded(tmp_path, past_of([(1, "START", False)]))
    (tmp_path / "state.sqlite").unlink()
    with pytest.raises(StoreUnavailable, match="headwater work"):
        reader.read(Window(), Page(1))
    with pytest.raises(StoreUnavailable, match="headwater work"):
        reader.counts("2026-03-01T00:00:00.000000Z")
