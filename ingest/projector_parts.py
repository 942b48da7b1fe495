"""What do the projector and a rebuild share? Opening the state, catching up, and turning rows into statements."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import ForeignStore
from ingest.journal import Record
from ingest.project.batch import Received, project_batch, read_contribution
from ingest.state import FORM, State
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ingest.journal import Journal, Stored
    from ingest.render.rows import Row
    from queries.projection import Projection
    from queries.store import Step

EVENTS_MAX: Final = 500
BYTES_MAX: Final = 4 * 1024 * 1024
STATEMENT_ROWS_MAX: Final = 5_000

log = structlog.get_logger("projector")


def check_origin(projection: Projection, journal: Journal) -> None:
    """Refuse a graph that was made from another journal."""
    if projection.journal is not None and projection.journal != journal.id:
        msg = "this graph was made from another journal; run `headwater rebuild` to make it from this one"
        raise ForeignStore(msg, journal=projection.journal)


def set_aside_digests(journal: Journal) -> set[bytes]:
    """List the canonical hashes of all events set aside so far."""
    found: set[bytes] = set()
    position = 0
    while records := journal.read_after(position, 1_000, kind="set-aside"):
        found.update(record.body for record in records)
        position = records[-1].position
    return found


def set_aside(journal: Journal, one: Stored, reason: str) -> bytes:
    """Record that the pure code raises on an event alone: the journal says so, and a rebuild obeys it (rule D7).

    Whoever may only read the journal leaves the event out, and leaves the record to the projector.
    """
    digest = one.digest or b""
    log.error("set aside", position=one.position, digest=digest.hex(), error=reason)
    if journal.read_only:
        return digest
    words = f"position {one.position}: {reason}"[:2000]
    journal.append([Record("set-aside", digest, digest, one.suspect, instants.now(), "projector", words)])
    return digest


def received(one: Stored) -> Received:
    """Give an event as the journal has it to those who read what it contributes."""
    return Received(one.body, one.digest or b"", one.suspect)


def open_state(path: Path, journal_id: str, *, fresh: bool = False, bare: bool = False) -> State:
    """Open the state file; one of another form or journal, or a broken one, is made anew (`bare`: for a rebuild)."""
    if not fresh:
        try:
            state = State(path)
            if state.get("form") == FORM and state.get("journal") in (None, journal_id):
                state.put("journal", journal_id)
                return state
            state.close()
        except sqlite3.DatabaseError as error:
            log.warning("the state file is made anew", error=str(error))
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    state = State(path, bare=bare)
    state.put("journal", journal_id)
    return state


def catch_up(state: State, journal: Journal, end: int, aside: set[bytes]) -> None:
    """Fold exactly up to a position without writing to the graph."""
    cursor = int(state.get("cursor"))
    while cursor < end:
        stored = [
            one for one in journal.read_after(cursor, EVENTS_MAX, bytes_max=BYTES_MAX) if one.position <= end
        ]
        if not stored:
            break
        state.begin()
        project_batch(state, [read_contribution(received(one)) for one in stored if one.digest not in aside])
        cursor = stored[-1].position
        state.put("cursor", cursor)
        state.commit()


def cursor_step(journal: Journal, state: State, end: int, *, rebuilding: bool) -> Step:
    """Say in the graph up to where it is made."""
    cursor: dict[str, Any] = {
        "key": "projection",
        "cursor": end,
        "journal": journal.id,
        "state": state.get("id"),
        "rebuilding": rebuilding,
        "version": FORM,
    }
    return statement("projection/set_cursor"), {"cursor": cursor}


def steps_of(listed: Iterable[tuple[str, list[Row]]]) -> list[Step]:
    """Turn rows into statements, in order, each with a bounded number of rows."""
    return [
        (statement(f"projection/{name}"), {"rows": rows[start : start + STATEMENT_ROWS_MAX]})
        for name, rows in listed
        for start in range(0, len(rows), STATEMENT_ROWS_MAX)
    ]
