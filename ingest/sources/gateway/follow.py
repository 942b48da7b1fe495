"""How does what passes the gateway get into the journal, once each, whatever happens in between?

    look:  which files, from where? -> read whole lines -> journal -> take note of the place

A line that is not yet ended is left until it is. Whatever goes wrong is told and tried again for ever.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from graph_schema import instants
from graph_schema.errors import LineageError
from ingest.inbox import judge
from ingest.journal import Journal
from ingest.sources.condition import CATCHING_UP, FOLLOWING, STARTING, Condition, wait
from ingest.sources.faults import SourceRefused, SourceUnavailable
from ingest.sources.gateway import SOURCE
from ingest.sources.gateway.kept import Kept
from ingest.sources.gateway.lines import Names, event_of, line_of
from ingest.sources.gateway.places import File, Place, files_of, is_of, place_in, start_in

STANDING: Final = "gateway"
LOOK_S: Final = 0.5
RETRY_LONGEST_S: Final = 10.0
PIECE_BYTES: Final = 1024 * 1024
"""Read at once; a line that is longer is none of ours."""

log = structlog.get_logger("gateway")

Said = Callable[[int, str | None], object]
"""Told of events so far, and what stands in the way."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Which log is read, and how what it speaks of is named."""

    log: Path
    names: Names


class Follower:
    """Reads one gateway's log into one journal. The place in the home must be held: `kept.locked`."""

    def __init__(self, home: Path, journal: Journal, reading: Reading) -> None:
        """Open the source's file."""
        self._home = home
        self._journal = journal
        self._reading = reading
        self._kept = Kept(home, journal, reading.log)
        self._condition = Condition(home, STANDING, LOOK_S, RETRY_LONGEST_S)
        self._say: Said | None = None
        self._gap: str | None = None
        self._broken: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Say what became of the lines so far, also in earlier processes."""
        return self._kept.counts

    def hear(self, say: Said) -> None:
        """Have somebody told how far it is."""
        self._say = say

    async def run(self, stop: asyncio.Event, *, once: bool = False, again: bool = False) -> None:
        """Follow until told to stop; with `once` until all was read, and then what goes wrong is raised.

        With `again` the log is read from its beginning.
        """
        if again:
            self._kept.begin_anew()
        try:
            async with self._condition.telling(self.standing):
                while not stop.is_set():
                    await asyncio.to_thread(self._looked, stop, once=once)
                    if once:
                        return
                    await wait(stop, self._condition.pause_after(LOOK_S))
        finally:
            self._kept.close()

    def _looked(self, stop: asyncio.Event, *, once: bool) -> None:
        began = time.monotonic()
        try:
            self._look(stop)
        except (LineageError, sqlite3.Error, OSError) as error:
            fault = _explained(error, self._reading.log)
            if once:
                raise fault from error
            self._condition.goes_wrong(fault)
            self._hear(fault.message)
        else:
            self._condition.whole_at = began
            self._condition.goes_on()

    def _look(self, stop: asyncio.Event) -> None:
        with files_of(self._reading.log) as files:
            if not files:
                raise FileNotFoundError(self._reading.log)
            self._look_at(files, stop)

    def _look_at(self, files: list[File], stop: asyncio.Event) -> None:
        if self._condition.state == STARTING:
            self._condition.become(CATCHING_UP)
        before = self._kept.places
        if any(place.written and not any(is_of(file, place) for file in files) for place in before):
            self._gap = (
                "the log was rotated away before it was read to its end: what was in it is not known, the files that are "
                "there were read whole"
            )
            log.warning("a part of the log is gone", log=str(self._reading.log))
        after: dict[File, Place] = {}
        for file in files:
            start = start_in(file, before)
            if start:
                after[file] = place_in(file, start, written=file.path == self._reading.log)
        for file in files:
            self._read(file, after, before, stop)
        if list(after.values()) != before and not stop.is_set():
            self._kept.save(list(after.values()))  # files that are gone are forgotten
        self._condition.become(FOLLOWING)

    def _read(self, file: File, after: dict[File, Place], before: list[Place], stop: asyncio.Event) -> None:
        """Read a file to its end; its place is noted after each piece, beside what was known of the others."""
        at = after[file].offset if file in after else 0
        while not stop.is_set() and (piece := os.pread(file.opened.fileno(), PIECE_BYTES, at)):
            end = piece.rfind(b"\n") + 1
            if not end and len(piece) < PIECE_BYTES:
                break  # half a line
            whole = piece[:end] if end else piece  # one without end is passed over, in parts
            self._take(whole.splitlines(), file.path)
            at += len(whole)
            after[file] = place_in(file, at, written=file.path == self._reading.log)
            self._kept.save([*after.values(), *(one for one in before if one not in after.values())])

    def _take(self, lines: list[bytes], path: Path) -> None:
        received_at = instants.now()
        records = []
        for text in lines:
            if not text.strip():
                continue
            line = line_of(text)
            if line is None:
                self.counts["refused"] += 1
                self._broken = f"lines of {path} are none of deploy/envoy/envoy.yaml's log; the last one begins {text[:60]!r}"
                continue
            self.counts["requests"] += 1
            event = event_of(line, self._reading.names)
            if event is not None:
                records.append(judge(orjson.dumps(event), received_at=received_at, source=SOURCE).record)
        again = sum(1 for one in self._journal.append(records) if one.duplicate) if records else 0
        self.counts["events"] += len(records) - again
        self.counts["duplicates"] += again
        self._hear(None)

    def _hear(self, why: str | None) -> None:
        if self._say is not None:
            self._say(self.counts["events"], why)

    def standing(self) -> dict[str, Any]:
        """Say how it is, for `/readyz`, `headwater status` and the metrics."""
        notes = [note for note in (self._gap, self._broken) if note is not None]
        return self._condition.said(address=str(self._reading.log), notes=notes, **self.counts)


def _explained(error: Exception, path: Path) -> LineageError:
    """Turn what the system says into an error that names the next step."""
    if isinstance(error, LineageError):
        return error
    if isinstance(error, PermissionError):
        what = f"{path} may not be read by this user"
        return SourceRefused(
            f"{what}; let the gateway write it readable, or follow it as its owner", address=str(path)
        )
    if isinstance(error, FileNotFoundError):
        what = f"there is no log {path} yet"
        return SourceUnavailable(
            f"{what}; start the gateway, or give the path of its access log", address=str(path)
        )
    return SourceUnavailable(f"{path} cannot be read now ({error}); it is tried again", address=str(path))
