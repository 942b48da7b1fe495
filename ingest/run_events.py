"""Which events were accepted of a run, as they came?

The projector's state knows them by run and in order (its facts), the journal has their bodies. The state is read beside
the projector, which goes on writing; a run with 100,000 events is read page by page, by index.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from graph_schema.errors import StoreUnavailable
from graph_schema.secrets import redacted
from ingest import canonical
from ingest.facts import hash_of, is_suspect, time_of
from ingest.state import FORM
from queries.received import AcceptedEvent
from queries.results import RunEvent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.journal import Journal, Stored

BYTES_MAX: Final = 8 * 1024 * 1024
"""Bodies of one page; a page ends early where they are long."""

_PAGE: Final = "SELECT ord FROM run_fact WHERE run = ? AND ord > ? ORDER BY ord LIMIT ?"


class RunEvents:
    """Reads the events of runs; any thread may ask."""

    def __init__(self, state: Path, journal: Journal) -> None:
        """Remember where the projector's state will be; nothing is opened."""
        self._state = state
        self._journal = journal

    def read(self, run: str, *, after: str, limit: int) -> tuple[int, list[RunEvent]]:
        """Give the position up to which the state is, and a run's next events by time.

        `run` is a UUID; `after` is the order of the event before, "" for the first ones. Fewer than `limit` come where
        their bodies are long, and none only where there are no more. Raises StoreUnavailable where there is no state.
        """
        cursor, orders = self._orders(run, after, limit)
        events: list[RunEvent] = []
        for order, stored in page_of(self._journal, orders)[0]:
            body = redacted(canonical.parse(stored.body))
            kind = body.get("eventType")
            events.append(
                RunEvent(
                    order=order,
                    position=str(stored.position),
                    event_time=None if is_suspect(order) else time_of(order),
                    event_type=kind if isinstance(kind, str) else None,
                    received_at=stored.received_at,
                    source=stored.source,
                    suspect=is_suspect(order),
                    body=body,
                )
            )
        return cursor, events

    def accepted(self, *, after: int, limit: int) -> list[AcceptedEvent]:
        """Give the next events in order of receipt; fewer come where they are long, none only where there are no more."""
        return [
            AcceptedEvent(
                position=str(one.position),
                received_at=one.received_at,
                source=one.source,
                suspect=one.suspect,
                body=redacted(canonical.parse(one.body)),
            )
            for one in self._journal.read_after(after, limit, bytes_max=BYTES_MAX)
        ]

    def _orders(self, run: str, after: str, limit: int) -> tuple[int, list[str]]:
        with reading(self._state, self._journal) as (db, cursor):
            return cursor, [row[0] for row in db.execute(_PAGE, (run, after, limit))]


def page_of(journal: Journal, orders: Sequence[str]) -> tuple[list[tuple[str, Stored]], bool]:
    """Give the events of these orders as far as a page may be long, one at least, and whether it was cut there."""
    page: list[tuple[str, Stored]] = []
    size = 0
    for order in orders:
        stored = journal.event(bytes.fromhex(hash_of(order)))
        if stored is None:
            continue
        size += len(stored.body)
        if page and size > BYTES_MAX:
            return page, True
        page.append((order, stored))
    return page, False


@contextmanager
def reading(state: Path, journal: Journal) -> Iterator[tuple[sqlite3.Connection, int]]:
    """Read the projector's state at one instant, and say up to which position it is; raises StoreUnavailable."""
    try:
        with closing(sqlite3.connect(f"{state.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")  # all is read from one state
            known = dict(
                db.execute("SELECT name, value FROM meta WHERE name IN ('form', 'cursor', 'journal')")
            )
            if known.get("form") != FORM or known.get("journal") != journal.id:
                raise _unavailable("it is being made anew")
            yield db, int(known["cursor"])
    except sqlite3.Error as error:
        raise _unavailable(str(error)) from error


def _unavailable(why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the projector's state is not to be had in this home ({why}); ask again, or ask a server that shares its home "
        "with `headwater work`"
    )
