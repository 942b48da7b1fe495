"""How does what appears in Marquez's table get into the journal, once each, whatever happens in between?

    look:  ask the edge of now -> read what may be new -> journal -> take note
    every few seconds: count where rows may still appear, read again what does not agree; raise the floor

The first look reads the whole table: that is the backfill. Whatever goes wrong is told and tried again for ever; nothing
is taken note of before it is in the journal.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import LineageError
from ingest.journal import Journal
from ingest.sources.condition import CATCHING_UP, FOLLOWING, STOPPED, Condition, wait
from ingest.sources.faults import ForeignSource
from ingest.sources.marquez.address import Address
from ingest.sources.marquez.cursor import (
    FIRST,
    SECOND,
    Cursor,
    Edge,
    Span,
    from_micros,
    halves,
    looked,
    measured,
    new_spans,
    open_span,
    settled,
    settled_span,
    taken,
)
from ingest.sources.marquez.kept import Kept
from ingest.sources.marquez.reading import CHUNK_ROWS_MAX, Page, Table, opened
from ingest.sources.marquez.rows import Counts, Row, sorted_out

STANDING: Final = "follow"
POLL_S: Final = 0.5
RECHECK_S: Final = 5.0
RETRY_FIRST_S: Final = 0.2
RETRY_LONGEST_S: Final = 10.0
HELD_AFTER_S: Final = 60.0
JUST_NOW_S: Final = 5.0
"""A row that was not there at a look so long ago has just appeared: the zone is measured by it."""

GRANT: Final = "GRANT pg_read_all_stats TO this role"

log = structlog.get_logger("follow")

Said = Callable[[int, int, int, str | None], object]
"""Told of rows taken, of how many there are about, of their bytes, and what stands in the way."""


class Follower:
    """Reads one Marquez's table into one journal. The place in the home must be held: `kept.locked`."""

    def __init__(self, home: Path, journal: Journal, address: Address, *, timeout_s: float = 60.0) -> None:
        """Open the follower's file."""
        self._home = home
        self._journal = journal
        self._address = address
        self._timeout_s = timeout_s
        self._say: Said | None = None
        self._kept = Kept(home, journal)
        self._condition = Condition(home, STANDING, RETRY_FIRST_S, RETRY_LONGEST_S)
        self._gap: str | None = None
        self._edge: Edge | None = None
        self._total = 0
        self._excess = 0
        self._rechecked_at = 0.0
        self._begun = False
        self._failing_since = 0.0
        self._rows_then = 0

    @property
    def counts(self) -> Counts:
        """Say what became of the rows so far, also in earlier processes."""
        return self._kept.facts.counts

    @property
    def _cursor(self) -> Cursor:
        found = self._kept.facts.cursor
        if found is None:
            raise AssertionError("the first edge is asked for before anything is read")
        return found

    @_cursor.setter
    def _cursor(self, cursor: Cursor) -> None:
        self._kept.facts.cursor = cursor

    def hear(self, say: Said) -> None:
        """Have somebody told how far it is."""
        self._say = say

    def begin_anew(self) -> None:
        """Forget how far the table was read, and whose it was."""
        self._kept.begin_anew()

    async def run(self, stop: asyncio.Event, *, once: bool = False, patience_s: float = math.inf) -> None:
        """Follow until told to stop, or with `once` until all that is there was read.

        Raises what went wrong once it has lasted for `patience_s`; with any such limit at once, where nothing was read before.
        """
        try:
            async with self._condition.telling(self.standing):
                await self._run(stop, once=once, patience_s=patience_s)
        finally:
            self._kept.close()

    async def _run(self, stop: asyncio.Event, *, once: bool, patience_s: float) -> None:
        while not stop.is_set():
            try:
                await self._while_well(stop, once=once)
            except (LineageError, sqlite3.Error, OSError) as error:
                gets_on = self.counts.rows > self._rows_then
                if self._condition.error is None or gets_on:
                    self._failing_since, self._rows_then = time.monotonic(), self.counts.rows
                waited_s = time.monotonic() - self._failing_since
                if patience_s < math.inf and (not self._begun or waited_s > patience_s):
                    raise
                self._condition.goes_wrong(error)
                self._hear(str(error))
                await wait(stop, self._condition.pause_s)
            else:
                return

    async def _while_well(self, stop: asyncio.Event, *, once: bool) -> None:
        """Connect, and look again and again until told to stop."""
        async with opened(self._address, timeout_s=self._timeout_s) as table:
            await self._begin(table)
            self._begun = True
            while not stop.is_set():
                await self._look(table, stop)
                self._condition.goes_on()
                if once:
                    return
                await wait(stop, POLL_S)

    async def _begin(self, table: Table) -> None:
        """See whose table this is, and since when nothing can be missed."""
        identity, oldest = await table.identity(), await table.oldest()
        if self._kept.facts.identity != identity and not self.counts.rows:
            self._kept.begin_anew()  # nothing was read yet of whatever it was
        facts = self._kept.facts
        if facts.identity and facts.identity != identity:
            raise ForeignSource(
                f"{self._address.shown} is another database than the one that was read so far ({facts.shown}); give that "
                f"one, or read this one from its beginning: headwater backfill ADDRESS --anew --home {self._home}",
                address=self._address.shown,
                before=facts.shown,
            )
        facts.identity, facts.shown = identity, self._address.shown
        self._condition.become(CATCHING_UP)
        if facts.cursor is None:
            facts.cursor = Cursor(began=(await table.edge()).safe)
            await asyncio.to_thread(self._kept.save)
        if self._say is not None:
            self._total = self.counts.rows + await table.size(Span(facts.cursor.ahead or FIRST))
        if not facts.undated:
            async with aclosing(table.undated()) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(self._keep, chunk)
            facts.undated = True
        self._see_gap(oldest, self._cursor.ahead)

    def _see_gap(self, oldest: int | None, ahead: int | None) -> None:
        if ahead is None or oldest is None or oldest <= ahead:
            return
        self._gap = (
            f"the oldest row there is of {_shown(oldest)}, and it was read up to {_shown(ahead)}: rows between that "
            "Marquez's retention took away meanwhile cannot be had any more"
        )
        log.warning("rows may be gone", read_up_to=_shown(ahead), oldest=_shown(oldest))

    async def _look(self, table: Table, stop: asyncio.Event) -> None:
        """Read what is new, and now and then what may have appeared late."""
        began, edge = time.monotonic(), await table.edge()
        self._edge = edge
        newest = None
        for span in new_spans(self._cursor, edge):
            newest = _later(newest, await self._take(table, span, stop))
        if stop.is_set():
            return
        if began - self._rechecked_at >= RECHECK_S:
            newest = _later(newest, await self._recheck(table, edge, stop))
            self._rechecked_at = began
        before = self._condition.whole_at
        if newest is not None and before is not None and began - before < JUST_NOW_S:
            self._measure(newest, edge)
        self._cursor = looked(self._cursor, edge)
        self._condition.whole_at = began
        self._condition.become(FOLLOWING)

    async def _recheck(self, table: Table, edge: Edge, stop: asyncio.Event) -> int | None:
        """Read again where rows appeared behind newer ones, and what the floor is about to pass over."""
        newest, span = None, open_span(self._cursor, edge)
        if await table.count(span) > self._kept.count(span) + self._excess:
            for late in await self._differing(table, span):
                newest = _later(newest, await self._take(table, late, stop))
            # Equal rows of one instant are one row here; they are not to be read again each time.
            self._excess = max(0, await table.count(span) - self._kept.count(span))
        passed = settled_span(self._cursor, edge)
        if passed is not None and not stop.is_set():
            await self._take(table, passed, stop)
        if not stop.is_set():
            self._cursor = settled(self._cursor, edge)
            await asyncio.to_thread(lambda: self._kept.save(forget_below=open_span(self._cursor, edge).start))
        return newest

    async def _differing(self, table: Table, span: Span) -> list[Span]:
        """Find where there are more rows than were taken, in parts that are quickly read."""
        waiting, found = [span], []
        while waiting:
            here = waiting.pop()
            there = await table.count(here)
            if there <= self._kept.count(here):
                continue
            parts = halves(here) if there > CHUNK_ROWS_MAX else None
            if parts is None:
                found.append(here)
            else:
                waiting += parts
        return found

    async def _take(self, table: Table, span: Span, stop: asyncio.Event) -> int | None:
        """Read a span page by page, and keep what is new; gives the newest instant of that."""
        newest, start, limited = None, span.start, True
        while not stop.is_set():
            here = replace(span, start=start) if limited else Span(start, start + 1)
            page, found = await self._take_page(table, here, stop, limited=limited)
            newest = _later(newest, found)
            if not limited:
                start, limited = start + 1, True  # the instant was read whole
            elif not page.cut or page.last is None:
                break
            else:
                start, limited = page.last, page.last != start
        return newest

    async def _take_page(
        self, table: Table, span: Span, stop: asyncio.Event, *, limited: bool
    ) -> tuple[Page, int | None]:
        """Keep a page, each chunk while the next one is read."""
        page, newest = Page(0, None, cut=False), None
        keeping: asyncio.Task[int | None] | None = None
        chunks = table.chunks(span) if limited else table.chunks(span, limit=None)
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    if isinstance(chunk, Page) or stop.is_set():
                        page = chunk if isinstance(chunk, Page) else page
                        break
                    newest = _later(newest, None if keeping is None else await keeping)
                    keeping = asyncio.create_task(asyncio.to_thread(self._keep, chunk))
        finally:  # also when the next one cannot be read: two are never kept at once
            newest = _later(newest, None if keeping is None else await keeping)
        return page, newest

    def _keep(self, chunk: list[Row]) -> int | None:
        """Append what is new of a chunk to the journal, then take note of it; gives the newest new instant."""
        fresh = self._kept.unseen(chunk)
        if not fresh:
            return None
        counts = self.counts
        records, refused = sorted_out(fresh, received_at=instants.now(), is_refused=self._kept.is_refused)
        counts.add(fresh, self._journal.append(records), refused=len(refused), behind=self._cursor.ahead)
        newest = max((row.created_at for row in fresh if row.created_at is not None), default=None)
        if newest is not None:
            self._cursor = taken(self._cursor, newest)
        below = None if self._edge is None else open_span(self._cursor, self._edge).start
        self._kept.save(fresh, refused, forget_below=below)
        self._hear(None)
        return newest

    def _hear(self, why: str | None) -> None:
        if self._say is not None:
            self._say(self.counts.rows, max(self._total, self.counts.rows), self.counts.bytes, why)

    def _measure(self, newest: int, edge: Edge) -> None:
        before, self._cursor = self._cursor.shift, measured(self._cursor, newest, edge)
        shift = self._cursor.shift
        if shift != before and shift:
            log.warning("created_at is off: Marquez does not run in UTC", shift_s=shift // SECOND)

    def standing(self) -> dict[str, Any]:
        """Say how it is, for `/readyz`, `headwater status` and the metrics."""
        cursor, edge = self._kept.facts.cursor, self._edge
        shift = None if cursor is None or cursor.shift is None else cursor.shift // SECOND
        return self._condition.said(
            lag_s=self._lag_s(cursor, edge),
            address=self._address.shown,
            mode=edge.mode if edge is not None else None,
            shift_s=shift,
            read_up_to=None if cursor is None or cursor.ahead is None else _shown(cursor.ahead),
            notes=_notes(edge, shift, self._gap),
            **asdict(self.counts),
        )

    def _lag_s(self, cursor: Cursor | None, edge: Edge | None) -> float | None:
        lag_s = self._condition.lag_s
        if lag_s is not None or self._condition.state == STOPPED or cursor is None or edge is None:
            return lag_s
        if cursor.shift is None or cursor.ahead is None:
            return None
        return round(max(0, edge.clock + cursor.shift - cursor.ahead) / SECOND, 3)


def _notes(edge: Edge | None, shift_s: int | None, gap: str | None) -> list[str]:
    """Say what an operator should know though nothing fails."""
    notes = [] if gap is None else [gap]
    if shift_s:
        notes.append(
            f"created_at is {abs(shift_s) / 3600:g} h {'ahead of' if shift_s > 0 else 'behind'} the database's clock: Marquez "
            "does not run in UTC; nothing is missed, but it reads event times without a zone as its own"
        )
    if edge is not None and edge.hidden:
        notes.append(
            "open transactions cannot be seen (by a role that may not, or on a standby): a row that appears more than two "
            f"hours late is missed; {GRANT}"
        )
    if (
        edge is not None
        and edge.open_since is not None
        and edge.clock - edge.open_since > HELD_AFTER_S * SECOND
    ):
        notes.append(
            f"a transaction has been open there since {_shown(edge.open_since)}: newer rows are taken all the same, and "
            "those behind it are looked for until it ends"
        )
    return notes


def _shown(micros: int) -> str:
    return instants.render_instant(from_micros(micros))


def _later(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else max(one, other)
