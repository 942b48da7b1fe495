"""How are the events of a journal sent on, one by one, and never twice unless a process was killed?

One task reads, chooses and writes down; the tries run beside it, at most as many as there are connections. What was
read and is not finished is bounded, so that a receiver that is away for a day costs nothing but a try now and then.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import LineageError
from ingest.forward.lanes import Lanes
from ingest.forward.ledger import FILE, Finished, Ledger
from ingest.forward.pace import Desk, Pace
from ingest.forward.post import address, post, posting
from ingest.forward.touched import Touched, touched
from ingest.forward.verdict import ANSWER_CHARS_MAX
from ingest.forward.written import Written
from ingest.sources import marquez
from queries.received import ForwardRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

    from ingest.forward.verdict import Verdict
    from ingest.journal import Journal, Stored

EVENTS_MAX: Final = 2_000
BYTES_MAX: Final = 32 * 1024 * 1024
LEARN_EVENTS: Final = 2_000
"""So many events before the cursor are read again at the start, to know what runs that have not ended write."""

READ_EVENTS: Final = 200
READ_BYTES: Final = 4 * 1024 * 1024
POLL_S: Final = 0.1
POLL_AWAY_S: Final = 1.0
"""While the receiver is away nobody waits for what is new."""

KEEP_EVERY_S: Final = 0.02
"""A commit takes a tenth of a millisecond: it is not waited for until it is on the disk."""

TELL_EVERY_S: Final = 1.0
ORDERS_EVERY_S: Final = 1.0
BLOCKED: Final = "JOURNAL_UNAVAILABLE"
BLOCKED_PAUSE_S: Final = 2.0
STOP_S: Final = 5.0

log = structlog.get_logger("forward")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Where to send, and how."""

    url: str
    api_key: str = field(default="", repr=False)
    first: bool = True
    """A receiver that is new gets the journal from its first event on, else only what comes."""

    connections: int = 8
    timeout_s: float = 60.0
    ca_file: Path | None = None
    pace: Pace = field(default_factory=Pace)


@dataclass(slots=True)
class _Held:
    """An event in memory until it is finished."""

    stored: Stored
    touched: Touched


class Forwarder:
    """Sends one journal's events to one receiver. One process at a time may do this for a home."""

    def __init__(
        self, journal: Journal, home: Path, sending: Sending, tell: Callable[[dict[str, Any]], None]
    ) -> None:
        """Take up the receiver where it was left; `tell` hears how it goes. Raises BadInput, JournalUnavailable."""
        self._journal = journal
        self._sending = sending
        self._tell = tell
        self._url, self.name = address(sending.url)
        self._ledger = Ledger(home / FILE)
        start = 0 if sending.first else journal.last_position()
        self._receiver = self._ledger.begin(self.name, journal.id, start=start)
        self._counts = self._receiver.counts
        self._desk = Desk(Lanes(self._receiver.cursor, self._receiver.beyond), sending.pace)
        self._written = Written()
        self._held: dict[int, _Held] = {}
        self._bytes = 0
        self._finished = Finished()
        self._orders: dict[int, str] = {}
        self._tries: set[asyncio.Task[None]] = set()
        self._faults: list[BaseException] = []
        self._news = asyncio.Event()
        self._due = {"read": 0.0, "keep": 0.0, "tell": 0.0, "orders": 0.0}
        self._error: dict[str, str] | None = None
        self._since = instants.now()

    @property
    def _lanes(self) -> Lanes:
        return self._desk.lanes

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; what is under way then is waited for a moment."""
        log.info("forwarding", to=self.name, after=self._receiver.cursor)
        options = self._sending
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._news.set())
        with suppress(LineageError):  # the journal cannot be read now: the first round says so
            await asyncio.to_thread(self._learn)
        async with posting(
            api_key=options.api_key,
            connections=options.connections,
            timeout_s=options.timeout_s,
            ca_file=options.ca_file,
        ) as client:
            try:
                while not stop.is_set():
                    await self._patiently(client)
            finally:
                stopping.cancel()
                await self._end()

    def _learn(self) -> None:
        position, end = max(self._receiver.cursor - LEARN_EVENTS, 0), self._receiver.cursor
        while position < end and (found := self._journal.read_after(position, READ_EVENTS)):
            for one in found:
                if one.position <= end:
                    self._written.with_earlier(touched(one.body))
            position = found[-1].position

    async def _patiently(self, client: httpx.AsyncClient) -> None:
        """Do one round; what the journal or the ledger cannot do now is said and tried again."""
        try:
            await self._round(client)
            if self._error is not None and self._error["code"] == BLOCKED:
                self._become(None)
        except (LineageError, sqlite3.Error) as error:
            message = f"{error}; it is tried again"
            log.error("blocked", message=message)  # noqa: TRY400 - the message says all there is to know
            self._become({"code": BLOCKED, "message": message})
            self._say()
            await asyncio.sleep(BLOCKED_PAUSE_S)

    async def _round(self, client: httpx.AsyncClient) -> None:
        """Read, send, write down and tell whatever is due; then wait for news or for the next thing due."""
        self._news.clear()
        if self._faults:
            raise self._faults[0]
        now = monotonic()
        if self._finished and now >= min(self._due["keep"], self._due["orders"]):
            self._keep()
        if now >= self._due["orders"]:
            self._take_orders()
            self._due["orders"] = now + ORDERS_EVERY_S
        if now >= self._due["read"]:
            await self._read()
        while len(self._tries) < self._sending.connections:
            position = self._desk.take(monotonic())
            if position is None:
                break
            self._try(client, self._held[position])
        if now >= self._due["tell"]:
            self._say()
            self._due["tell"] = now + TELL_EVERY_S
        await self._wait()

    async def _wait(self) -> None:
        due = [self._due["tell"], self._due["orders"]]
        if self._finished:
            due.append(self._due["keep"])
        if self._has_room:
            due.append(self._due["read"])
        if len(self._tries) < self._sending.connections and (at := self._desk.wakes_at()) is not None:
            due.append(at)
        try:
            async with asyncio.timeout(max(min(due) - monotonic(), 0.0)):
                await self._news.wait()
        except TimeoutError:
            return

    @property
    def _has_room(self) -> bool:
        return len(self._lanes) < EVENTS_MAX and self._bytes < BYTES_MAX

    async def _read(self) -> None:
        """Read what comes next, as far as there is room; where there is no more, look again after a pause."""
        if not self._has_room:
            self._due["read"] = monotonic() + POLL_S
            return
        known = self._lanes.read_to
        found = await asyncio.to_thread(self._journal.read_after, known, READ_EVENTS, bytes_max=READ_BYTES)
        for one, own in zip(found, await asyncio.to_thread(_touched, found), strict=True):
            what = self._written.with_earlier(own)
            done = self._lanes.is_done(one.position)
            if not done and one.source != marquez.SOURCE:  # what came out of a Marquez is not sent back
                self._hold(one, what)
                continue
            self._lanes.skip(one.position)
            self._finished.positions.append(one.position)
            self._counts.kept_back += not done
        pause_s = 0.0 if found else POLL_AWAY_S if self._desk.failures else POLL_S
        self._due["read"] = monotonic() + pause_s

    def _hold(self, one: Stored, what: Touched) -> None:
        self._held[one.position] = _Held(one, what)
        self._bytes += len(one.body)
        self._desk.add(one.position, what)

    def _take_orders(self) -> None:
        """Carry out what commands asked for: send again what was refused, pass by what holds others up."""
        for position, what in self._ledger.orders(self._receiver.id).items():
            self._orders[position] = what
            if what == "again" and position not in self._lanes:
                self._again(position)
            elif what == "skip" and self._lanes.is_done(position):
                self._finished.ordered.append(position)
            elif what == "skip" and self._lanes.is_free(position) and position not in self._desk.in_flight:
                tries = self._desk.failed_tries(position)
                self._refuse(position, "skipped", None, "passed by as somebody said", tries=tries)

    def _again(self, position: int) -> None:
        found = self._journal.read_after(position - 1, 1)
        if found and found[0].position == position:
            self._hold(found[0], touched(found[0].body))

    def _try(self, client: httpx.AsyncClient, held: _Held) -> None:
        task = asyncio.create_task(self._send(client, held))
        self._tries.add(task)
        task.add_done_callback(self._tried)

    def _tried(self, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._faults.append(fault)
        self._news.set()

    async def _send(self, client: httpx.AsyncClient, held: _Held) -> None:
        position = held.stored.position
        verdict = await post(client, self._url, held.stored.body, timeout_s=self._sending.timeout_s)
        if verdict.kind == "delivered":
            self._counts.sent += 1
            self._goes_on()
            self._desk.deliver(position)
            self._finish(position)
        elif verdict.kind == "refused" and (verdict.is_json or self._counts.sent):
            self._refuse(
                position,
                "refused",
                verdict.status,
                verdict.answer,
                tries=self._desk.failed_tries(position) + 1,
            )
        else:
            self._again_later(position, verdict)

    def _again_later(self, position: int, verdict: Verdict) -> None:
        """Take note of a try without a verdict; a page that refuses the very first events may be a gateway's."""
        self._counts.retries += 1
        dice = random.random()  # noqa: S311 - spreads the tries of several senders
        gives_up = self._desk.fail(position, monotonic(), dice=dice, asked_s=verdict.pause_s)
        code = str(verdict.code or "RECEIVER_FAILS")
        message = (
            verdict.message or f"it answers {verdict.status} and has taken nothing yet; is it a Marquez?"
        )
        if self._desk.failures and (self._error is None or self._error["code"] != code):
            log.warning("the receiver does not take events", code=code, message=message)
        if self._desk.failures:
            self._become({"code": code, "message": message})
        if gives_up:
            answer = verdict.answer or message
            self._refuse(position, "gave_up", verdict.status, answer, tries=self._desk.failed_tries(position))

    def _refuse(self, position: int, reason: str, status: int | None, answer: str, *, tries: int) -> None:
        held = self._held[position]
        self._counts.refused += 1
        self._finished.refused.append(
            ForwardRefused(
                position=str(position),
                at=instants.now(),
                status=status,
                answer=answer[:ANSWER_CHARS_MAX],
                reason=reason,
                tries=tries,
                run=held.touched.run,
                job=held.touched.job,
            )
        )
        log.warning(
            "an event is passed by", position=position, reason=reason, status=status, job=held.touched.job
        )
        self._desk.refuse(position)
        self._finish(position)

    def _finish(self, position: int) -> None:
        held = self._held.pop(position)
        self._bytes -= len(held.stored.body)
        self._finished.positions.append(position)
        if self._orders.pop(position, None) is not None:
            self._finished.ordered.append(position)

    def _goes_on(self) -> None:
        if self._error is not None:
            log.info("the receiver takes events again", away_since=self._since)
            self._become(None)

    def _become(self, error: dict[str, str] | None) -> None:
        if (error is None) != (self._error is None):
            self._since = instants.now()
        self._error = error

    def _keep(self) -> None:
        """Write down what was finished, before more is sent: what cannot be written would be sent again after a crash."""
        finished, self._finished = self._finished, Finished()
        try:
            self._ledger.keep(self._receiver.id, self._lanes.cursor, self._counts, finished)
        except sqlite3.Error:
            self._finished = finished + self._finished
            raise
        self._due["keep"] = monotonic() + KEEP_EVERY_S

    async def _end(self) -> None:
        if self._tries:
            await asyncio.wait(self._tries, timeout=STOP_S)
        for task in self._tries:
            task.cancel()
        await asyncio.gather(*self._tries, return_exceptions=True)
        if self._finished:
            self._ledger.keep(self._receiver.id, self._lanes.cursor, self._counts, self._finished)
        self._say()
        self._ledger.close()

    def _say(self) -> None:
        with suppress(LineageError):  # the journal cannot be read now, which is told when it can
            self._tell(self.standing())

    def standing(self) -> dict[str, Any]:
        """Say how it goes: what a server shows at /readyz and counts at /metrics."""
        lanes, counts = self._lanes, self._counts
        oldest = min(self._held, default=None)
        return {
            "state": "forwarding" if self._error is None else "away",
            "since": self._since,
            "address": self.name,
            "cursor": str(lanes.cursor),
            "beyond": len(lanes.beyond),
            "waiting": max(self._journal.count_after(lanes.cursor) - len(lanes.beyond), 0),
            "forwarded": counts.sent,
            "refused": counts.refused,
            "retries": counts.retries,
            "kept_back": counts.kept_back,
            **({"error": {**self._error, "since": self._since}} if self._error else {}),
            **({"waiting_since": self._held[oldest].stored.received_at} if oldest is not None else {}),
        }


def _touched(found: list[Stored]) -> list[Touched]:
    return [touched(one.body) for one in found]
