"""Which run events have their time between two instants, and how many are there?

The projector's state knows their times in order, by an index, and counts them by quarters of an hour; the journal has
their bodies. The state is read beside the projector, which goes on writing.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final, NamedTuple

from graph_schema.secrets import redacted
from ingest import canonical
from ingest.run_events import page_of, reading
from queries.marquez.catalog import Page
from queries.marquez.events import Counts, Events, Window

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.journal import Journal

_SOUND: Final = "1"
_SUSPECT: Final = "0"
"""What orders of events begin with (`ingest.facts.order_of`)."""
_QUARTER_CHARS: Final = 16

_COUNT: Final = "SELECT count(*) FROM run_fact WHERE ord >= ? AND ord < ?"
_QUARTERS: Final = "SELECT coalesce(sum(events), 0) FROM quarter WHERE at >= ? AND at < ?"
_NEWEST: Final = "SELECT ord FROM run_fact WHERE ord >= ? AND ord < ? ORDER BY ord DESC LIMIT ? OFFSET ?"
_OLDEST: Final = "SELECT ord FROM run_fact WHERE ord >= ? AND ord < ? ORDER BY ord LIMIT ? OFFSET ?"
_COUNTS: Final = "SELECT at, type, events FROM quarter WHERE at >= ?"


class _Range(NamedTuple):
    low: str
    high: str


class EventTimes:
    """Reads events by their times; any thread may ask."""

    def __init__(self, state: Path, journal: Journal) -> None:
        """Remember where the projector's state will be; nothing is opened."""
        self._state = state
        self._journal = journal

    def read(self, window: Window, page: Page) -> tuple[int, Events]:
        """Give the position up to which the state is, and a page of events; it ends early where bodies are long.

        Raises StoreUnavailable where there is no state.
        """
        with reading(self._state, self._journal) as (db, cursor):
            orders, count = _page(db, window, page)
        found, cut = page_of(self._journal, orders)
        bodies = [redacted(canonical.parse(stored.body)) for _, stored in found]
        return cursor, Events(bodies, count, cut=cut)

    def counts(self, since: str) -> tuple[int, Counts]:
        """Give the position up to which the state is, and how many events of each type each quarter of an hour has."""
        with reading(self._state, self._journal) as (db, cursor):
            rows = db.execute(_COUNTS, (since[:_QUARTER_CHARS],)).fetchall()
        return cursor, [(str(at), str(kind), int(events)) for at, kind, events in rows]


def _page(db: sqlite3.Connection, window: Window, page: Page) -> tuple[list[str], int]:
    """Give the orders of a page: of sound events and then of suspect ones, or the other way round where the oldest come first."""
    if window.after >= window.before:
        return [], 0
    sound, suspect = (_Range(mark + window.after, mark + window.before) for mark in (_SOUND, _SUSPECT))
    counts = {sound: _sound_count(db, window), suspect: db.execute(_COUNT, suspect).fetchone()[0]}
    reading_order = [sound, suspect] if window.newest_first else [suspect, sound]
    orders: list[str] = []
    skip = page.offset
    for one in reading_order:
        room = page.limit - len(orders)
        if room > 0 and skip < counts[one]:
            sql = _NEWEST if window.newest_first else _OLDEST
            orders += [row[0] for row in db.execute(sql, (*one, room, skip))]
        skip = max(skip - counts[one], 0)
    return orders, sum(counts.values())


def _sound_count(db: sqlite3.Connection, window: Window) -> int:
    """Count by quarters of an hour, and one by one only what lies in the two that the window cuts."""
    first, last = _quarter(window.after), _quarter(window.before)
    if first == last:
        return int(db.execute(_COUNT, (_SOUND + window.after, _SOUND + window.before)).fetchone()[0])
    whole = db.execute(_QUARTERS, (first, last)).fetchone()[0]
    before = db.execute(_COUNT, (_SOUND + first, _SOUND + window.after)).fetchone()[0]
    within = db.execute(_COUNT, (_SOUND + last, _SOUND + window.before)).fetchone()[0]
    return int(whole - before + within)


def _quarter(instant: str) -> str:
    """Give the quarter of an hour of an instant, as the state writes it."""
    return f"{instant[:14]}{int(instant[14:16]) // 15 * 15:02d}"
