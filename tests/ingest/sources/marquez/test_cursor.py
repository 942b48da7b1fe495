"""Is every row read, whenever it appears and however `created_at` is off?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.marquez.cursor import (
    FIRST,
    LOOK_BACK,
    MARGIN,
    OVERLAP,
    SECOND,
    SHIFT_MAX,
    Cursor,
    Edge,
    Span,
    from_micros,
    looked,
    measured,
    new_spans,
    open_span,
    reach,
    settled,
    settled_span,
    taken,
    to_micros,
)

NOW = 1_790_000_000 * SECOND
HOUR = 3_600 * SECOND


@dataclass
class Written:
    """A row: when its transaction began, when it was committed, and what `created_at` was made of that."""

    began: int
    committed: int
    created_at: int


@dataclass
class Read:
    """A follower made of the pure parts alone, over a table that is a list."""

    rows: list[Written]
    recheck: bool = True
    seen: set[int] = field(default_factory=set)
    cursor: Cursor | None = None

    def look(self, clock: int, *, sees: bool = True) -> None:
        open_since = min((row.began for row in self.rows if row.began <= clock < row.committed), default=None)
        edge = Edge(clock, open_since if sees else None, hidden=0 if sees else 1)
        cursor = self.cursor or Cursor(began=edge.safe)
        first = self.cursor is None
        newest = max((self.take(span, clock) or FIRST for span in new_spans(cursor, edge)), default=FIRST)
        cursor = taken(cursor, newest) if newest > FIRST else cursor
        if self.recheck:
            newest = max(newest, self.take(open_span(cursor, edge), clock) or FIRST)
        passed = settled_span(cursor, edge)
        if passed is not None:
            self.take(passed, clock)
        cursor = settled(cursor, edge)
        if newest > FIRST and not first:
            cursor = measured(cursor, newest, edge)
        self.cursor = looked(cursor, edge)

    def take(self, span: Span, clock: int) -> int | None:
        found = [
            (number, row)
            for number, row in enumerate(self.rows)
            if row.committed <= clock
            and span.start <= row.created_at
            and (span.end is None or row.created_at < span.end)
            and number not in self.seen
        ]
        self.seen |= {number for number, _ in found}
        return max((row.created_at for _, row in found), default=None)


def steady(start: int, *, seconds: int, every_s: int, shift: int = 0) -> list[Written]:
    """Rows that appear at once, one after another."""
    return [
        Written(at, at + 1_000, at + shift) for at in range(start, start + seconds * SECOND, every_s * SECOND)
    ]


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 4_000)), max_size=30),
    st.sampled_from([0, 0, -5, 1, 5.5, 12]),
    st.lists(st.integers(1, 300), min_size=1, max_size=40),
    st.booleans(),
)
def test_every_row_is_read(
    late: list[tuple[int, int]], shift_h: float, pauses: list[int], recheck: object
) -> None:
    """However long transactions are open, at whatever times one looks: also where no count shows that anything is late."""
    shift = round(shift_h * HOUR)
    rows = steady(NOW - HOUR, seconds=5_400, every_s=60, shift=shift)
    rows += [
        Written(NOW + at * SECOND, NOW + (at + open_s) * SECOND, NOW + at * SECOND + shift)
        for at, open_s in late
    ]
    reader = Read(rows, recheck=bool(recheck))
    clock = NOW
    for pause in pauses:
        reader.look(clock)
        clock += pause * SECOND
    end = max(row.committed for row in rows) + LOOK_BACK + 2 * SHIFT_MAX
    rows += steady(end, seconds=400, every_s=20, shift=shift)
    for at in range(end, end + 400 * SECOND, 10 * SECOND):
        reader.look(at)
    reader.look(end + HOUR + LOOK_BACK)
    assert reader.seen == set(range(len(rows)))


@pytest.mark.parametrize(("before", "after"), [(5, 4), (4, 5), (0, -1), (-1, 0), (-10.5, -11), (0, -2)])
def test_rows_are_read_at_a_change_of_the_clocks(before: float, after: float) -> None:
    """An hour of rows written behind those of the hour before is read while it is written, in London too."""
    old = steady(NOW, seconds=3_600, every_s=10, shift=round(before * HOUR))
    new = steady(NOW + HOUR, seconds=3_600, every_s=10, shift=round(after * HOUR))
    reader = Read(old + new)
    for at in range(NOW - 10 * SECOND, NOW + 2 * HOUR + 60 * SECOND, 7 * SECOND):
        reader.look(at)
        assert {n for n, row in enumerate(reader.rows) if row.committed <= at} == reader.seen
    assert reader.cursor is not None
    assert reader.cursor.shift == round(after * HOUR)


def test_a_change_of_the_clocks_costs_no_rereading() -> None:
    """What is looked at each time stays narrow though an hour of rows lies ahead of what comes."""
    cursor = Cursor(began=NOW, ahead=NOW + 5 * HOUR, shift=4 * HOUR, clock=NOW)
    behind, newest = new_spans(cursor, Edge(NOW + SECOND))
    assert behind.end is not None
    assert behind.end - behind.start == SECOND + 2 * OVERLAP
    assert newest == Span(NOW + 5 * HOUR - OVERLAP)


def test_nothing_is_believed_of_one_row() -> None:
    """A row dated by hand does not move the shift up, nor a first one set it; less is believed at once."""
    edge = Edge(NOW)
    one = measured(Cursor(began=NOW), NOW + 3 * HOUR, edge)
    assert one.shift is None
    assert measured(one, NOW - 40 * SECOND, edge).shift is None
    two = measured(one, NOW + 3 * HOUR + SECOND, edge)
    assert two.shift == 3 * HOUR
    assert measured(two, NOW, edge).shift == 0
    assert measured(two, NOW + 4_000 * HOUR, edge) == two


def test_a_row_from_the_far_future_hides_nothing() -> None:
    """A database's clock that was a year ahead for a moment leaves a row behind; what comes now is read."""
    rows = steady(NOW, seconds=600, every_s=10)
    rows.insert(5, Written(NOW + 31 * SECOND, NOW + 32 * SECOND, NOW + 8_766 * HOUR))
    reader = Read(rows, recheck=False)
    for at in range(NOW - 10 * SECOND, NOW + 620 * SECOND, 5 * SECOND):
        reader.look(at)
    assert reader.seen == set(range(len(rows)))


def test_a_clock_that_is_set_back_takes_the_floor_with_it() -> None:
    """What was settled while the clock was wrong is open again."""
    cursor = Cursor(began=NOW, ahead=NOW, floor=NOW + 24 * HOUR, clock=NOW + 26 * HOUR, shift=0)
    after = looked(cursor, Edge(NOW))
    assert after.floor == reach(cursor, Edge(NOW))
    assert open_span(after, Edge(NOW)).start <= NOW - LOOK_BACK


def test_the_floor_waits_for_the_oldest_transaction() -> None:
    """Below it nothing can appear; a role that cannot see transactions takes the time instead."""
    cursor = Cursor(began=NOW - HOUR, ahead=NOW, shift=0)
    held = Edge(NOW, open_since=NOW - 6 * HOUR)
    assert reach(cursor, held) == NOW - 6 * HOUR - MARGIN - LOOK_BACK
    assert reach(cursor, replace(held, open_since=None)) == NOW - MARGIN - LOOK_BACK
    assert (held.mode, replace(held, hidden=2).mode) == ("horizon", "window")


def test_before_the_shift_is_measured_nothing_is_settled() -> None:
    """`created_at` is not compared with any clock."""
    cursor = Cursor(began=NOW, ahead=NOW + 30 * HOUR)
    assert reach(cursor, Edge(NOW)) is None
    assert settled_span(cursor, Edge(NOW)) is None
    assert settled(cursor, Edge(NOW)) == cursor
    assert new_spans(cursor, Edge(NOW)) == [Span(NOW + 30 * HOUR - OVERLAP)]


@given(st.integers(-(2**61), 2**61))
def test_an_instant_goes_both_ways(micros: int) -> None:
    """Within the years of a datetime; beyond them it is the nearest."""
    there = from_micros(micros)
    assert there.year in {1, 9999} or to_micros(there) == micros
