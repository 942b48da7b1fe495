"""Which rows of Marquez's table are still to be read, and below which `created_at` has all been read?

`created_at` is when the transaction of a row began, so rows appear out of order: one with a long insert, or that waited for a
lock, comes behind newer ones. And it is off by the zone of Marquez's process, which moves when the clocks change. So:

- **ahead**: what is new is read at once, from a little before the newest row.
- **floor**: everything below has been read for good. No row can appear any more below the start of the oldest open
  transaction (the *horizon*); where those cannot be seen, below the present. The floor stays `LOOK_BACK` behind either, for the
  clocks move by an hour.
- What lies between is counted now and then, and read again where there are more rows than were taken; each part of it is read
  again in any case, once the floor passes over it.

All instants are whole microseconds since 1970. Nothing here compares `created_at` with a clock before the shift was measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

SECOND: Final = 1_000_000
MARGIN: Final = 1 * SECOND
"""Between taking its time and showing it in pg_stat_activity a transaction may be so long on the way."""

OVERLAP: Final = 2 * SECOND
LOOK_BACK: Final = 7_200 * SECOND
SHIFT_STEP: Final = 900 * SECOND
SHIFT_MAX: Final = 14 * 3_600 * SECOND
"""No zone is further from UTC."""

FIRST: Final = -62_135_596_800 * SECOND
"""The year 1, before every row."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Edge:
    """What the database says of now: its clock, since when its oldest transaction of others has been open, and how many
    sessions there are whose transactions this role cannot see.
    """

    clock: int
    open_since: int | None = None
    hidden: int = 0

    @property
    def mode(self) -> str:
        """Say by what the floor is known: the horizon, or for want of it the window of LOOK_BACK."""
        return "window" if self.hidden else "horizon"

    @property
    def safe(self) -> int:
        """Give the instant before which every transaction of others has ended, as far as can be seen."""
        return (self.clock if self.open_since is None else min(self.clock, self.open_since)) - MARGIN


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the table was read. `began` is `safe` of the edge before the first row was read, `clock` the last edge's,
    `hint` is a shift that one row spoke of.
    """

    began: int
    ahead: int | None = None
    floor: int | None = None
    clock: int | None = None
    shift: int | None = None
    hint: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Rows from one `created_at` up to another, that one excluded; None is open."""

    start: int
    end: int | None = None


def new_spans(cursor: Cursor, edge: Edge) -> list[Span]:
    """Give what has to be read at each look: what may be new.

    Rows may be dated ahead of what comes now: by a clock that was set back, or when summer time begins. What comes behind
    them is read as well.
    """
    if cursor.ahead is None:
        return [Span(FIRST)]
    newest = Span(cursor.ahead - OVERLAP)
    if cursor.shift is None:
        return [newest]
    latest = _clock(cursor, edge) + cursor.shift
    if latest >= cursor.ahead:
        return [newest]
    return [Span(latest - OVERLAP, min(edge.clock + cursor.shift + OVERLAP, newest.start)), newest]


def open_span(cursor: Cursor, edge: Edge) -> Span:
    """Give where rows may still appear behind what is read at each look: what is counted now and then."""
    if cursor.ahead is None:
        return Span(FIRST)
    shift = -SHIFT_MAX if cursor.shift is None else cursor.shift
    low = min(cursor.ahead, _clock(cursor, edge) + shift) - LOOK_BACK
    return Span(low if cursor.floor is None else min(low, cursor.floor), cursor.ahead - OVERLAP)


def halves(span: Span) -> tuple[Span, Span] | None:
    """Cut a closed span in two; None where it is not worth it."""
    if span.end is None or span.end - span.start <= OVERLAP:
        return None
    middle = (span.start + span.end) // 2
    return Span(span.start, middle), Span(middle, span.end)


def _clock(cursor: Cursor, edge: Edge) -> int:
    """Give the time of the last look, or of this one where the clock was set back."""
    return edge.clock if cursor.clock is None else min(edge.clock, cursor.clock)


def reach(cursor: Cursor, edge: Edge) -> int | None:
    """Give the `created_at` below which no row can appear any more; None while the shift is not known."""
    return None if cursor.shift is None else edge.safe + cursor.shift - LOOK_BACK


def settled_span(cursor: Cursor, edge: Edge) -> Span | None:
    """Give what has to be read once more, for the floor passes over it; None where there is nothing of that kind."""
    now = reach(cursor, edge)
    if now is None or cursor.shift is None or cursor.ahead is None:
        return None
    floor = cursor.floor if cursor.floor is not None else cursor.began + cursor.shift - LOOK_BACK
    return Span(floor, now) if floor < now else None


def settled(cursor: Cursor, edge: Edge) -> Cursor:
    """Raise the floor, once the settled span was read."""
    now = reach(cursor, edge)
    if now is None:
        return cursor
    return replace(cursor, floor=now if cursor.floor is None else max(cursor.floor, now))


def looked(cursor: Cursor, edge: Edge) -> Cursor:
    """Take note of the time of a look; a clock that was set back takes the floor with it."""
    now = reach(cursor, edge)
    set_back = cursor.clock is not None and edge.clock < cursor.clock - MARGIN
    if set_back and now is not None and cursor.floor is not None:
        return replace(cursor, clock=edge.clock, floor=min(cursor.floor, now))
    return replace(cursor, clock=edge.clock)


def taken(cursor: Cursor, newest: int) -> Cursor:
    """Take note of a row that was read."""
    return cursor if cursor.ahead is not None and newest <= cursor.ahead else replace(cursor, ahead=newest)


def measured(cursor: Cursor, newest: int, edge: Edge) -> Cursor:
    """Measure by a row that has just appeared how far `created_at` is off: by quarters of an hour, as zones are.

    One that appears late makes the shift look less than it is, which only keeps the floor lower for a while: less is believed
    at once. More, and the first, is believed when two rows say so: one alone may have been dated by hand.
    """
    shift = round((newest - edge.clock) / SHIFT_STEP) * SHIFT_STEP
    if abs(shift) > SHIFT_MAX:
        return cursor
    if shift == cursor.hint or (cursor.shift is not None and shift <= cursor.shift):
        return replace(cursor, shift=shift, hint=None)
    return replace(cursor, hint=shift)


def to_micros(moment: datetime) -> int:
    """Turn an aware datetime into microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Turn microseconds since 1970 into an aware datetime; one beyond the years that it has becomes the nearest."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if micros > 0 else datetime.min.replace(tzinfo=UTC)
