"""What was received, in which order, and can anybody have changed it since?

The journal is one SQLite file. A record is durable when `append` returns: one transaction, one fsync, for as
many records as are given. Several processes may open the same file; positions and the hash chain are computed
inside the write transaction, so they agree on both.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graph_schema.errors import JournalUnavailable
from graph_schema.instants import is_canonical
from ingest.chain import (
    KINDS_WITH_REASON,
    BrokenRecord,
    Linked,
    VerifyReport,
    first_link,
    next_link,
    verify_chain,
)
from ingest.journal_file import FORMAT, connect, create, explained
from ingest.same import BY_DIGEST, Same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

KINDS: Final = frozenset({"event", "rejected", "audit", "set-aside"})
ZLIB_LEVEL: Final = 1
"""Measured on 3.2 kB events: level 1 leaves 28 % in 53 us, level 6 leaves 26 % in 67 us."""

READ_BYTES_MAX: Final = 64 * 1024 * 1024
REPORT_EVERY: Final = 1_000
"""How many records `verify` looks at between two words to whoever waits."""

_STORED: Final = "SELECT position, digest, suspect, received_at, source, body, reason FROM record"
_EVENTS_AFTER: Final = f"{_STORED} WHERE position > ? AND kind = 'event' ORDER BY position LIMIT ?"
_OTHERS_AFTER: Final = (
    f"{_STORED} WHERE position > ? AND kind = ? AND kind <> 'event' ORDER BY position LIMIT ?"
)
_EVENT_WHOLE: Final = f"{_STORED} WHERE digest = ? AND kind = 'event'"
_LAST: Final = "SELECT position, chain FROM record ORDER BY position DESC LIMIT 1"
_INSERT: Final = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS: Final = "position, kind, digest, suspect, received_at, source, reason, chain, body"
_WHOLE: Final = f"SELECT {_COLUMNS} FROM record ORDER BY position"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Record:
    """Something to keep: `body` as received, `digest` the canonical hash, `reason` why it was refused.

    `alias` is the hash that the same event has once Marquez has stored it, where that is another.
    """

    kind: str
    body: bytes
    digest: bytes | None
    suspect: bool
    received_at: str
    source: str
    reason: str | None = None
    alias: bytes | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a record is; a duplicate was not written again and answers with the first one's position."""

    position: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as read back."""

    position: int
    digest: bytes | None
    suspect: bool
    received_at: str
    source: str
    body: bytes
    reason: str | None = None


class Journal:
    """An open journal file. Safe to use from several threads; readers never wait for the writer's fsync."""

    def __init__(self, path: Path, *, read_only: bool, busy_timeout_s: float) -> None:
        """Remember where the file is; `open` makes and checks it."""
        self.path = path
        self.id = ""
        self._busy_timeout_s = busy_timeout_s
        self.read_only = read_only
        self._closed = False
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._scanned = 0
        self._end = 0

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False, busy_timeout_s: float = 3.0) -> Journal:
        """Open the file, making it when it is not there; raises JournalUnavailable."""
        journal = cls(Path(path), read_only=read_only, busy_timeout_s=busy_timeout_s)
        with explained(journal.path):
            if not read_only:
                create(journal.path, busy_timeout_s=busy_timeout_s)
            with journal._reading() as db:
                facts = dict(db.execute("SELECT name, value FROM journal").fetchall())
        if facts.get("format") != FORMAT:
            found = facts.get("format")
            msg = f"{path} has journal format {found}, not {FORMAT}; use the version that wrote it"
            raise JournalUnavailable(msg)
        journal.id = facts["id"]
        return journal

    def append(self, records: Sequence[Record]) -> list[Appended]:
        """Make all records durable in one transaction, or none; raises JournalUnavailable for none."""
        packed = [_pack(record) for record in records]
        with self._writing() as db:
            last, link = self._last(db)
            same = Same(db)
            rows: list[tuple[Any, ...]] = []
            answers: list[Appended] = []
            for record, (linked, body) in zip(records, packed, strict=True):
                digest = record.digest if record.kind == "event" else None
                first = None if digest is None else same.find(digest, record.alias)
                if first is not None:
                    answers.append(Appended(first, duplicate=True))
                    continue
                last, link = last + 1, next_link(link, linked)
                rows.append(_row(last, linked, link, body))
                answers.append(Appended(last, duplicate=False))
                if digest is not None:
                    same.add(digest, record.alias, last)
            db.executemany(_INSERT, rows)
            same.save()
        return answers

    def read_after(
        self, position: int, limit: int, *, kind: str = "event", bytes_max: int = READ_BYTES_MAX
    ) -> list[Stored]:
        """Give a kind's next records in order: at most `limit`, fewer once their bodies reach `bytes_max`.

        Only an empty list means that there is nothing more.
        """
        found: list[Stored] = []
        size = 0
        with self._reading() as db:
            rows = (
                db.execute(_EVENTS_AFTER, (position, limit))
                if kind == "event"
                else db.execute(_OTHERS_AFTER, (position, kind, limit))
            )
            for at, digest, suspect, received_at, source, packed, reason in rows:
                body = _inflate(packed)
                found.append(Stored(at, digest, bool(suspect), received_at, source, body, reason))
                size += len(body)
                if size >= bytes_max:
                    break
            rows.close()
        return found

    def event(self, digest: bytes) -> Stored | None:
        """Give the event with this canonical hash."""
        with self._reading() as db:
            row = db.execute(_EVENT_WHOLE, (digest,)).fetchone()
        return (
            None
            if row is None
            else Stored(row[0], row[1], bool(row[2]), row[3], row[4], _inflate(row[5]), row[6])
        )

    def find(self, digest: bytes) -> int | None:
        """Tell where the event with this canonical hash is."""
        with self._reading() as db:
            row = db.execute(BY_DIGEST, (digest,)).fetchone()
        return row[0] if row else None

    def end(self) -> int:
        """Give the position of the last event, 0 when there is none. Each position is looked at once."""
        with self._reading() as db:
            (last,) = db.execute("SELECT coalesce(max(position), 0) FROM record").fetchone()
            query = "SELECT max(position) FROM record WHERE position > ? AND position <= ? AND kind = 'event'"
            (newest,) = db.execute(query, (self._scanned, last)).fetchone()
            self._scanned = last
            self._end = newest or self._end
            return self._end

    def event_at(self, position: int) -> int:
        """Give the position of the last event not after one; 0 when there is none."""
        query = "SELECT position FROM record WHERE position <= ? AND kind = 'event' ORDER BY position DESC LIMIT 1"
        with self._reading() as db:
            row = db.execute(query, (position,)).fetchone()
        return int(row[0]) if row else 0

    def received_at(self, position: int) -> str | None:
        """Tell when the record at a position was received; None where there is none."""
        with self._reading() as db:
            row = db.execute("SELECT received_at FROM record WHERE position = ?", (position,)).fetchone()
        return str(row[0]) if row else None

    def position_at(self, instant: str) -> int:
        """Give the position that the journal had reached at an instant; 0 before its first record.

        Found by halving: the record there was received by then, the next one later. A clock that was set back may have made
        several such places; it is one of them.
        """
        low, high = 0, self.last_position()
        while low < high:
            middle = (low + high + 1) // 2
            at = self.received_at(middle)
            if at is not None and at <= instant:
                low = middle
            else:
                high = middle - 1
        return low

    def last_position(self) -> int:
        """Give the position of the last record of any kind, 0 when there is none."""
        with self._reading() as db:
            (last,) = db.execute("SELECT coalesce(max(position), 0) FROM record").fetchone()
            return int(last)

    def count_after(self, position: int) -> int:
        """Count the events after a position: what a reader with this cursor still has to read."""
        end = self.end()
        if position >= end:
            return 0
        query = "SELECT count(*) FROM record WHERE kind <> 'event' AND position > ? AND position < ?"
        with self._reading() as db:
            (others,) = db.execute(query, (position, end)).fetchone()
        return end - max(position, 0) - int(others)

    def head(self) -> str:
        """Give the link of the last record, to be noted outside the file."""
        with self._reading() as db:
            return self._last(db)[1].hex()

    def verify(
        self, *, expected_head: str | None = None, report: Callable[[int], object] = lambda _: None
    ) -> VerifyReport:
        """Recompute the chain over every record; `expected_head` is a head noted earlier, `report` hears positions."""
        db = self._connect(read_only=True)
        try:
            found = db.execute(_WHOLE)
            rows = ((row[0], lambda row=row: _unpack(row)) for row in _reported(found, report))
            return verify_chain(rows, self.id, expected_head=expected_head)
        except sqlite3.DatabaseError as error:
            why = f"the file cannot be read: {error}"
            return VerifyReport(0, ok=False, first_broken_position=None, reason=why, head="")
        finally:
            db.close()

    def close(self) -> None:
        """Close the file; the journal answers JournalUnavailable from then on."""
        with self._write_lock, self._read_lock:
            self._closed = True
            for db in (self._reader, self._writer):
                if db is not None:
                    db.close()
            self._reader = self._writer = None

    def _last(self, db: sqlite3.Connection) -> tuple[int, bytes]:
        row = db.execute(_LAST).fetchone()
        return (row[0], row[1]) if row else (0, first_link(self.id))

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        if self._closed:
            msg = "the journal is closed; open it again"
            raise JournalUnavailable(msg)
        ro = read_only or self.read_only
        return connect(self.path, read_only=ro, busy_timeout_s=self._busy_timeout_s)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock, explained(self.path):
            if self.read_only:
                msg = f"{self.path} was opened for reading only"
                raise JournalUnavailable(msg)
            if self._writer is None:
                self._writer = self._connect(read_only=False)
            db = self._writer
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException:
                # A connection that met a failing disk is not trusted again; the next append opens anew.
                self._writer = None
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                with suppress(sqlite3.Error):
                    db.close()
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._read_lock, explained(self.path):
            if self._reader is None:
                self._reader = self._connect(read_only=True)
            try:
                yield self._reader
            except sqlite3.Error:
                self._reader.close()
                self._reader = None
                raise


def _pack(record: Record) -> tuple[Linked, bytes]:
    if record.kind not in KINDS:
        msg = f"{record.kind!r} is no kind of record"
        raise ValueError(msg)
    if not is_canonical(record.received_at):
        msg = f"{record.received_at!r} is not written as an instant"
        raise ValueError(msg)
    if record.reason is not None and record.kind not in KINDS_WITH_REASON:
        msg = f"a record of kind {record.kind} carries no reason: the chain would not cover it"
        raise ValueError(msg)
    linked = Linked(
        kind=record.kind,
        body_hash=sha256(record.body).digest(),
        digest=record.digest,
        suspect=record.suspect,
        received_at=record.received_at,
        source=_storable(record.source),
        reason=None if record.reason is None else _storable(record.reason),
    )
    return linked, zlib.compress(record.body, ZLIB_LEVEL)


def _storable(text: str) -> str:
    # SQLite's shell and its C functions stop at NUL, and a lone surrogate has no UTF-8 form.
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _row(position: int, linked: Linked, link: bytes, body: bytes) -> tuple[Any, ...]:
    return (
        position, linked.kind, linked.digest, int(linked.suspect), linked.received_at, linked.source,
        linked.reason, link, body,
    )  # fmt: skip


def _reported(rows: Iterable[tuple[Any, ...]], report: Callable[[int], object]) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(rows):
        if number % REPORT_EVERY == 0:
            report(row[0])
        yield row


def _inflate(packed: bytes) -> bytes:
    return zlib.decompress(packed)


def _unpack(row: tuple[Any, ...]) -> tuple[Linked, bytes]:
    _, kind, digest, suspect, received_at, source, reason, link, packed = row
    texts = isinstance(kind, str) and isinstance(received_at, str) and isinstance(source, str)
    texts = texts and is_canonical(received_at)
    blobs = isinstance(packed, bytes) and isinstance(link, bytes) and isinstance(digest, bytes | None)
    if not texts or not blobs or suspect not in (0, 1) or not isinstance(reason, str | None):
        msg = "holds values of other types than were written"
        raise BrokenRecord(msg)
    if reason is not None and kind not in KINDS_WITH_REASON:
        msg = "carries a reason that its kind cannot have"
        raise BrokenRecord(msg)
    try:
        body = _inflate(packed)
    except zlib.error as error:
        msg = "has a body that cannot be unpacked"
        raise BrokenRecord(msg) from error
    return Linked(kind, sha256(body).digest(), digest, bool(suspect), received_at, source, reason), link
