"""Is this body an event, and is it safe on disk?

`accept` answers after the fsync. Bodies that are refused are kept too, with the reason, before the refusal is
raised. All requests that come during one fsync share the next transaction (group commit).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from graph_schema import instants
from graph_schema.errors import BadJson, EventRejected, JournalUnavailable, LineageError, Overloaded, TooLarge
from ingest import canonical, rewritten
from ingest.journal import Appended, Journal, Record
from ingest.openlineage import Warned, read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Accepted", "Inbox", "Journal", "Judged", "is_array", "judge", "refused", "split"]

SUSPECT_HOURS: Final = 24
THREAD_BYTES_MIN: Final = 64 * 1024
"""Bodies from this size on are judged in a thread: reading 1 MB takes some 50 ms, 3 kB some 0.2 ms."""

BATCH_EVENTS_MAX: Final = 100_000
"""Elements of one array: a refused one is kept with its reason, so `1,1,1,...` would grow a hundredfold."""

_ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\[")
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that is durable. `position` is opaque text on the wire; `id` is its canonical hash in hex."""

    position: str
    id: str
    duplicate: bool
    warnings: tuple[Warned, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A body after reading it: the record to keep, and either its warnings or why it is refused."""

    record: Record
    warnings: tuple[Warned, ...] = ()
    error: BadJson | EventRejected | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one request wants written; all of it goes into one transaction."""

    records: Sequence[Record]
    size: int
    written: asyncio.Future[list[Appended]]


def is_array(raw: bytes) -> bool:
    """Tell whether a body is a JSON array, by its first sign."""
    return _ARRAY.match(raw) is not None


def judge(raw: bytes, *, received_at: str, source: str) -> Judged:
    """Read one event's body. Pure: keeps nothing and knows no clock."""
    try:
        form = canonical.canonical(canonical.parse(raw), raw=raw)
        event = read_event(form)
    except (BadJson, EventRejected) as error:
        return Judged(refused(raw, error, received_at=received_at, source=source), error=error)
    record = Record(
        kind="event",
        body=raw,
        digest=canonical.digest(form),
        suspect=event.time > instants.plus_hours(received_at, SUSPECT_HOURS),
        received_at=received_at,
        source=source,
        alias=rewritten.alias(form),
    )
    return Judged(record, warnings=event.warnings)


def refused(raw: bytes, error: LineageError, *, received_at: str, source: str) -> Record:
    """Make the record of a body that was refused; the reason is JSON text: code, message, pointer."""
    pointer = error.pointer if isinstance(error, EventRejected) else ""
    reason = json.dumps({"code": error.code, "message": error.message, "pointer": pointer})
    return Record(
        "rejected", raw, digest=None, suspect=False, received_at=received_at, source=source, reason=reason
    )


def split(raw: bytes) -> list[bytes]:
    """Cut an array's body into the bodies of its elements, byte for byte; raises BadJson."""
    with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return [bytes(item) for item in _ITEMS.decode(raw)]
    # Lone surrogates, NaN and odd encodings: the exact parser decides, and an element is written anew.
    parsed = canonical.parse(raw)
    elements = parsed if isinstance(parsed, list) else [parsed]
    return [json.dumps(element).encode() for element in elements]


class Inbox:
    """One event loop's way into the journal. Its thread starts with the first event and ends at `close`."""

    def __init__(
        self,
        journal: Journal,
        *,
        waiting_records_max: int = 20_000,
        waiting_bytes_max: int = 128 * 1024 * 1024,
        group_records_max: int = 1_000,
        group_bytes_max: int = 8 * 1024 * 1024,
        clock: Callable[[], str] = instants.now,
    ) -> None:
        """Set the bounds: what may wait, and what one transaction may hold."""
        self._journal = journal
        self._waiting_records_max = waiting_records_max
        self._waiting_bytes_max = waiting_bytes_max
        self._group_records_max = group_records_max
        self._group_bytes_max = group_bytes_max
        self._clock = clock
        self._pending: deque[_Unit] = deque()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-writer")
        self._writing: asyncio.Task[None] | None = None
        self._closed = False
        self.waiting_records = 0
        self.waiting_bytes = 0

    async def accept(self, raw: bytes, source: str) -> Accepted:
        """Make one event durable. Raises BadJson or EventRejected once the refused body is kept, and
        JournalUnavailable or Overloaded when nothing could be kept.
        """
        self._check_room(1, len(raw))
        received_at = self._clock()
        if len(raw) < THREAD_BYTES_MIN:
            judged = judge(raw, received_at=received_at, source=source)
        else:
            judged = await asyncio.to_thread(judge, raw, received_at=received_at, source=source)
        [appended] = await self._keep([judged.record])
        if judged.error is not None:
            raise judged.error
        return _accepted(judged, appended)

    async def accept_many(
        self, raw: bytes, source: str, *, events_max: int = BATCH_EVENTS_MAX
    ) -> list[Accepted | BadJson | EventRejected]:
        """Make an array's events durable in one transaction; a refused one stands in the answer as its error.

        Raises BadJson (kept) when the body is no JSON, TooLarge for an array of more than `events_max`.
        """
        self._check_room(1, len(raw))
        received_at = self._clock()
        try:
            judged = await asyncio.to_thread(
                _judge_all, raw, events_max, received_at=received_at, source=source
            )
        except BadJson as error:
            await self._keep([refused(raw, error, received_at=received_at, source=source)])
            raise
        appended = await self._keep([one.record for one in judged]) if judged else []
        pairs = zip(judged, appended, strict=True)
        return [one.error if one.error is not None else _accepted(one, at) for one, at in pairs]

    async def refuse(self, raw: bytes, error: LineageError, source: str) -> None:
        """Keep a body that was refused before it could be read as JSON, such as a broken gzip stream."""
        await self._keep([refused(raw, error, received_at=self._clock(), source=source)])

    async def close(self) -> None:
        """Write what is waiting and end the writing thread; later calls raise JournalUnavailable."""
        self._closed = True
        if self._writing is not None:
            await self._writing
        await asyncio.to_thread(self._writer.shutdown)

    def _check_room(self, records: int, size: int) -> None:
        if self._closed:
            msg = "the server is stopping; send again to the next one"
            raise JournalUnavailable(msg)
        over = self.waiting_records + records > self._waiting_records_max
        # One body alone is always let in, whatever its size: the door has its own limit for that.
        if over or (self.waiting_bytes and self.waiting_bytes + size > self._waiting_bytes_max):
            msg = "more events are waiting than may wait; send again after the time in Retry-After"
            raise Overloaded(msg, waiting=self.waiting_records)

    async def _keep(self, records: Sequence[Record]) -> list[Appended]:
        size = sum(len(record.body) for record in records)
        self._check_room(0, size)
        unit = _Unit(records, size, asyncio.get_running_loop().create_future())
        self.waiting_records += len(records)
        self.waiting_bytes += size
        self._pending.append(unit)
        if self._writing is None:
            # The task begins after all that is ready now, so that all of it shares the first group.
            self._writing = asyncio.create_task(self._write())
        return await unit.written

    async def _write(self) -> None:
        """Write group after group until nothing waits; what comes during one fsync is the next group."""
        loop = asyncio.get_running_loop()
        while self._pending:
            units = self._take()
            records = [record for unit in units for record in unit.records]
            try:
                written = await loop.run_in_executor(self._writer, self._journal.append, records)
            except JournalUnavailable as error:
                self._fail(units, error)
            except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear of it
                self._fail(units, JournalUnavailable(f"the journal failed ({error!r}); send again later"))
            else:
                self._tell(units, written)
        self._writing = None

    def _take(self) -> list[_Unit]:
        """Take what waits, up to a group's bounds, at least one."""
        units = [self._pending.popleft()]
        count, size = len(units[0].records), units[0].size
        while self._pending and count < self._group_records_max and size < self._group_bytes_max:
            units.append(self._pending.popleft())
            count += len(units[-1].records)
            size += units[-1].size
        return units

    def _tell(self, units: list[_Unit], written: list[Appended]) -> None:
        start = 0
        for unit in units:
            end = start + len(unit.records)
            self._leave(unit)
            if not unit.written.done():  # else the client went away; its events are durable all the same
                unit.written.set_result(written[start:end])
            start = end

    def _fail(self, units: list[_Unit], error: JournalUnavailable) -> None:
        for unit in units:
            self._leave(unit)
            if not unit.written.done():
                unit.written.set_exception(JournalUnavailable(error.message, **error.values))

    def _leave(self, unit: _Unit) -> None:
        self.waiting_records -= len(unit.records)
        self.waiting_bytes -= unit.size


def _judge_all(raw: bytes, events_max: int, *, received_at: str, source: str) -> list[Judged]:
    items = split(raw)
    if len(items) > events_max:
        what = f"the array has {len(items)} elements, more than {events_max}"
        raise TooLarge(f"{what}; send fewer events at once", events_max=events_max)
    return [judge(item, received_at=received_at, source=source) for item in items]


def _accepted(judged: Judged, appended: Appended) -> Accepted:
    digest = judged.record.digest or b""
    return Accepted(str(appended.position), digest.hex(), appended.duplicate, judged.warnings)
