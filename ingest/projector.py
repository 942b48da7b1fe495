"""How do accepted events get into the graph? Batch by batch, each one transaction with its cursor.

The state file may be behind the graph (a crash between the two commits), never ahead of it. Being behind, it is brought
to exactly the graph's cursor first, without writing: the graph is a function of the events up to its cursor, so it then
holds exactly what the state says is shown (DESIGN 1.2, 9).
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import ForeignStore, LineageError, Rebuilding
from ingest.journal import Record
from ingest.project.batch import Received, project_batch, read_contribution
from ingest.state import FORM, State
from queries.projection import read_projection
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.fold import Contribution
    from ingest.journal import Journal, Stored
    from ingest.render.rows import Rows
    from queries.projection import Projection
    from queries.store import GraphStore, Step

EVENTS_MAX: Final = 500
BYTES_MAX: Final = 4 * 1024 * 1024
STATEMENT_ROWS_MAX: Final = 5_000
POLL_S: Final = 0.02
RETRY_FIRST_S: Final = 0.2
RETRY_LONGEST_S: Final = 5.0

log = structlog.get_logger("projector")


class Projector:
    """Keeps one graph up with one journal. One process at a time may do this for a graph."""

    def __init__(self, journal: Journal, state_path: Path, store: GraphStore) -> None:
        """Remember what to read, where to keep the state, and what to write."""
        self._journal = journal
        self._path = state_path
        self._store = store
        self._state = open_state(state_path, journal.id)
        self._aside = set_aside_digests(journal)
        self._events_max = EVENTS_MAX

    async def run(self, stop: asyncio.Event) -> None:
        """Project until told to stop. What cannot be written blocks, visibly in the log, and is tried again for ever."""
        pause_s = RETRY_FIRST_S
        while not stop.is_set():
            try:
                await self._resume()
                pause_s = RETRY_FIRST_S
                while not stop.is_set():
                    if await self.step() == 0:
                        await _wait(stop, POLL_S)
            except ForeignStore:
                raise
            except (LineageError, sqlite3.Error, OSError) as error:
                self._state.rollback()
                self._events_max = max(1, self._events_max // 2)
                log.warning("blocked", error=str(error), code=getattr(error, "code", "STATE"), again_in_s=pause_s)
                await _wait(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_LONGEST_S)
        self._state.close()

    async def step(self) -> int:
        """Project the next batch, if there is one; give how many events it had."""
        cursor = int(self._state.get("cursor"))
        stored = self._journal.read_after(cursor, self._events_max, bytes_max=BYTES_MAX)
        if not stored:
            return 0
        end, rows = self._project(stored)
        if rows.stripped:
            await self._store.write([(statement("projection/strip_kinds"), {"keys": sorted(rows.stripped)})])
        await self._store.write([*steps_of(rows), self._cursor_step(end)])
        self._state.commit()
        self._events_max = min(EVENTS_MAX, self._events_max * 2)
        return len(stored)

    def _project(self, stored: Sequence[Stored]) -> tuple[int, Rows]:
        """Project events inside a state transaction that stays open; events that raise alone are set aside."""
        contributions = self._contributions(stored)
        self._state.begin()
        try:
            rows = project_batch(self._state, contributions)
        except (sqlite3.Error, LookupError):
            raise
        except Exception as error:
            self._state.rollback()
            if len(stored) > 1:
                return self._project(stored[: len(stored) // 2])
            self._set_aside(stored[0], error)
            return self._project(stored)
        end = stored[-1].position
        self._state.put("cursor", end)
        return end, rows

    def _contributions(self, stored: Sequence[Stored]) -> list[Contribution]:
        found = []
        for one in stored:
            if one.digest is None or one.digest in self._aside:
                continue
            try:
                found.append(read_contribution(Received(one.body, one.digest, one.suspect)))
            except Exception as error:  # noqa: BLE001 - the pure code raised on this event alone: rule D7
                self._set_aside(one, error)
        return found

    def _set_aside(self, one: Stored, error: Exception) -> None:
        """Record that an event is set aside; the journal says so, and a rebuild obeys it (rule D7)."""
        digest = one.digest or b""
        log.error("set aside", position=one.position, digest=digest.hex(), error=repr(error))
        reason = f"position {one.position}: {error!r}"[:2000]
        record = Record("set-aside", digest, digest, one.suspect, instants.now(), "projector", reason)
        self._journal.append([record])
        self._aside.add(digest)

    def _cursor_step(self, end: int, *, rebuilding: bool = False) -> Step:
        return cursor_step(self._journal, self._state, end, rebuilding=rebuilding)

    async def _resume(self) -> None:
        """Bring state and graph to the same cursor before going on."""
        projection = await read_projection(self._store)
        check_origin(projection, self._journal)
        if projection.rebuilding:
            msg = "the graph is only partly loaded; a rebuild is going on, or was cut short: run `headwater rebuild`"
            raise Rebuilding(msg)
        if int(self._state.get("cursor")) > projection.cursor:
            log.warning("the graph is behind the state: the state is made anew", graph=projection.cursor)
            self._state.close()
            self._state = open_state(self._path, self._journal.id, fresh=True)
        catch_up(self._state, self._journal, projection.cursor, self._aside)


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


def open_state(path: Path, journal_id: str, *, fresh: bool = False) -> State:
    """Open the state file; one of another form or journal, or a broken one, is made anew."""
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
    state = State(path)
    state.put("journal", journal_id)
    return state


def catch_up(state: State, journal: Journal, end: int, aside: set[bytes]) -> None:
    """Fold exactly up to a position without writing to the graph."""
    cursor = int(state.get("cursor"))
    while cursor < end:
        stored = [one for one in journal.read_after(cursor, EVENTS_MAX, bytes_max=BYTES_MAX) if one.position <= end]
        if not stored:
            break
        received = (Received(one.body, one.digest or b"", one.suspect) for one in stored if one.digest not in aside)
        state.begin()
        project_batch(state, [read_contribution(one) for one in received])
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


def steps_of(rows: Rows) -> list[Step]:
    """Turn a batch's rows into statements, in order, each with a bounded number of rows."""
    return [
        (statement(f"projection/{name}"), {"rows": listed[start : start + STATEMENT_ROWS_MAX]})
        for name, listed in rows.ordered()
        for start in range(0, len(listed), STATEMENT_ROWS_MAX)
    ]


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
