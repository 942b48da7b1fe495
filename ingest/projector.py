"""How do accepted events get into the graph? Batch by batch, each one transaction with its cursor.

The state file may be behind the graph (a crash between the two commits), never ahead of it. Being behind, it is brought
to exactly the graph's cursor first, without writing: the graph is a function of the events up to its cursor, so it then
holds exactly what the state says is shown (DESIGN 1.2, 9).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from graph_schema import instants
from graph_schema.errors import ForeignStore, LineageError
from ingest.project.batch import project_batch
from ingest.projector_parts import (
    BYTES_MAX,
    EVENTS_MAX,
    catch_up,
    check_origin,
    cursor_step,
    open_state,
    received,
    set_aside,
    set_aside_digests,
    steps_of,
)
from ingest.readers import read_here
from ingest.rebuild import rebuild
from ingest.state import FORM
from queries.projection import BLOCKED_NOTE, read_projection
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.fold import Contribution
    from ingest.journal import Journal, Stored
    from ingest.readers import Read
    from ingest.render.rows import Rows
    from queries.store import GraphStore, Step
    from queries.stores.arcadedb_bulk import ArcadeBulk

REBUILD_NOTE: Final = "rebuild.note"
"""File in the home folder by which `headwater rebuild` asks a running projector."""
POLL_S: Final = 0.02
RETRY_FIRST_S: Final = 0.2
RETRY_LONGEST_S: Final = 5.0

log = structlog.get_logger("projector")


class _Batch(NamedTuple):
    """Events, and what each contributes."""

    stored: Sequence[Stored]
    read: Read

    def first_half(self) -> _Batch:
        """Give the first half of the events."""
        half = len(self.stored) // 2
        return _Batch(self.stored[:half], self.read[:half])


class Projector:
    """Keeps one graph up with one journal. One process at a time may do this for a graph."""

    def __init__(
        self, journal: Journal, state_path: Path, store: GraphStore, *, bulk: ArcadeBulk | None = None
    ) -> None:
        """Remember what to read, where to keep the state, and what to write; `bulk` is used by a rebuild."""
        self._journal = journal
        self._path = state_path
        self._store = store
        self._bulk = bulk
        self._state = open_state(state_path, journal.id)
        self._aside = set_aside_digests(journal)
        self._events_max = EVENTS_MAX
        self._ahead: _Batch | None = None
        self._note = state_path.parent / BLOCKED_NOTE
        self._blocked_since: str | None = instants.now() if self._note.exists() else None

    async def run(self, stop: asyncio.Event) -> None:
        """Project until told to stop. What cannot be written blocks, visibly in the log, and is tried again for ever."""
        pause_s = RETRY_FIRST_S
        while not stop.is_set():
            try:
                await self._resume()
                while not stop.is_set() and not self.asked_to_rebuild():
                    events = await self.step()
                    self._say_goes_on()
                    pause_s = RETRY_FIRST_S
                    if events == 0:
                        await _wait(stop, POLL_S)
            except ForeignStore:
                raise
            except (LineageError, sqlite3.Error, OSError) as error:
                self._state.rollback()
                self._ahead = None
                self._events_max = max(1, self._events_max // 2)
                self._say_blocked(error, again_in_s=pause_s)
                await _wait(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_LONGEST_S)
        self._state.close()

    def _say_blocked(self, error: Exception, *, again_in_s: float) -> None:
        """Tell the log and, by a note beside the journal, `/readyz` and `headwater status`."""
        code, message = getattr(error, "code", "STATE"), str(error)
        log.warning("blocked", error=message, code=code, again_in_s=again_in_s)
        self._blocked_since = self._blocked_since or instants.now()
        told = {"code": code, "message": message, "since": self._blocked_since}
        with suppress(OSError):  # no room for a note: the log has it
            self._note.write_text(json.dumps(told))

    def _say_goes_on(self) -> None:
        if self._blocked_since is None:
            return
        log.info("goes on", blocked_since=self._blocked_since)
        self._blocked_since = None
        with suppress(OSError):
            self._note.unlink(missing_ok=True)

    async def step(self) -> int:
        """Project the next batch, if there is one; give how many events it had.

        While the engine writes, the batch after it is read: reading needs neither state nor graph.
        """
        batch = self._ahead or self._read(int(self._state.get("cursor")))
        self._ahead = None
        if not batch.stored:
            return 0
        end, rows = self._project(batch)
        writing = asyncio.create_task(self._write(rows, end))
        try:
            ahead = await asyncio.to_thread(self._read, end)
        finally:
            await writing
        self._state.commit()
        self._ahead = ahead if ahead.stored else None
        self._events_max = min(EVENTS_MAX, self._events_max * 2)
        return len(batch.stored)

    def _read(self, cursor: int) -> _Batch:
        """Read the events after a position, and what each contributes or why the pure code could not say."""
        stored = self._journal.read_after(cursor, self._events_max, bytes_max=BYTES_MAX)
        return _Batch(stored, read_here([received(one) for one in stored]))

    async def _write(self, rows: Rows, end: int) -> None:
        if rows.stripped:
            await self._store.write([(statement("projection/strip_kinds"), {"keys": sorted(rows.stripped)})])
        await self._store.write([*steps_of(rows.ordered()), self._cursor_step(end)])

    def asked_to_rebuild(self) -> bool:
        """Tell whether `headwater rebuild` left its note: the projector alone may write to the graph."""
        return (self._path.parent / REBUILD_NOTE).exists()

    async def _rebuild(self) -> None:
        log.info("rebuilding")
        self._state.close()
        note = self._path.parent / REBUILD_NOTE
        events = await rebuild(
            self._journal, self._path, self._store, partial(_tell_progress, note), bulk=self._bulk
        )
        note.unlink(missing_ok=True)
        self._state = open_state(self._path, self._journal.id)
        self._aside = set_aside_digests(self._journal)
        log.info("rebuilt", events=events)

    def _project(self, batch: _Batch) -> tuple[int, Rows]:
        """Project events inside a state transaction that stays open; events that raise alone are set aside."""
        contributions = self._contributions(batch)
        self._state.begin()
        try:
            rows = project_batch(self._state, contributions)
        except (sqlite3.Error, LookupError):
            raise
        except Exception as error:  # noqa: BLE001 - the pure code raised: rule D7 finds the event and sets it aside
            self._state.rollback()
            if len(batch.stored) > 1:
                return self._project(batch.first_half())
            self._aside.add(set_aside(self._journal, batch.stored[0], repr(error)))
            return self._project(batch)
        end = batch.stored[-1].position
        self._state.put("cursor", end)
        return end, rows

    def _contributions(self, batch: _Batch) -> list[Contribution]:
        found = []
        for one, said in zip(batch.stored, batch.read, strict=True):
            if one.digest is None or one.digest in self._aside:
                continue
            if isinstance(said, str):
                self._aside.add(set_aside(self._journal, one, said))
            else:
                found.append(said)
        return found

    def _cursor_step(self, end: int, *, rebuilding: bool = False) -> Step:
        return cursor_step(self._journal, self._state, end, rebuilding=rebuilding)

    async def _resume(self) -> None:
        """Bring state and graph to the same cursor before going on."""
        self._ahead = None
        projection = await read_projection(self._store)
        check_origin(projection, self._journal)
        if projection.rebuilding or self.asked_to_rebuild() or projection.version not in {None, FORM}:
            # A graph of another version holds rows that mean something else, or lacks some: it is made anew.
            await self._rebuild()
            return
        if int(self._state.get("cursor")) > projection.cursor:
            log.warning("the graph is behind the state: the state is made anew", graph=projection.cursor)
            self._state.close()
            self._state = open_state(self._path, self._journal.id, fresh=True)
        catch_up(self._state, self._journal, projection.cursor, self._aside)


def _tell_progress(note: Path, stage: str, done: int, total: int) -> None:
    """Tell the log, and in its note whoever asked for the rebuild; one that nobody asked for has none."""
    log.debug("rebuilding", stage=stage, done=done, total=total)
    with suppress(OSError):
        if note.exists():
            note.write_text(json.dumps([stage, done, total]))


def told_progress(note: Path) -> tuple[str, int, int] | None:
    """Read what a rebuild last told of its stage, how much of it is done, and of how much; None where it has not."""
    try:
        stage, done, total = json.loads(note.read_text())
    except (OSError, ValueError):
        return None
    return stage, done, total


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
