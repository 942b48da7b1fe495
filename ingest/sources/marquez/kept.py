"""How far was a Marquez's table read, and which rows were taken lately? In `follow.sqlite`, beside the journal.

It is written after the journal: a crash between the two makes rows be read again, which the journal knows. Bodies that were
refused have no such mark in the journal, so they are known here; the file catches up on them from the journal when it is opened.
It can be deleted: all is then read again, and what the journal holds stays single.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from ingest.sources.child import place_in
from ingest.sources.marquez import SOURCE
from ingest.sources.marquez.cursor import Cursor, Span
from ingest.sources.marquez.rows import Counts, Row, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ingest.journal import Journal

FILE: Final = "follow.sqlite"
LOCK: Final = "follow.lock"
FORM: Final = "1"
REFUSED_AT_ONCE: Final = 1_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (created_at INTEGER, mark BLOB, PRIMARY KEY (created_at, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (mark BLOB PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Facts:
    """What is kept beside the rows: whose table this is, how far it was read, and what came of it."""

    identity: str = ""
    shown: str = ""
    cursor: Cursor | None = None
    undated: bool = False
    position: int = 0
    counts: Counts = field(default_factory=Counts)


class Kept:
    """The follower's own file, open. One process at a time has it: `locked` sees to that."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        """Open the file, or make it; one that belongs to another journal is made anew."""
        self._path = folder / FILE
        self._journal = journal
        self._db = self._open()
        if self._fact("form") != FORM or self._fact("journal") != journal.id:
            self.begin_anew()
        self.facts = _facts(self._fact("facts"))
        self.catch_up()

    def begin_anew(self) -> None:
        """Forget all that was read: it will be read again."""
        self._db.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._db = self._open()
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO fact VALUES (?, ?)", [("form", FORM), ("journal", self._journal.id)]
            )
        self.facts = Facts()
        self.catch_up()

    def catch_up(self) -> None:
        """Learn which bodies of Marquez's the journal holds as refused."""
        position = self.facts.position
        while found := self._journal.read_after(position, REFUSED_AT_ONCE, kind="rejected"):
            position = found[-1].position
            marks = [(mark_of(one.body),) for one in found if one.source == SOURCE]
            with self._writing():
                self._db.executemany("INSERT OR IGNORE INTO refused VALUES (?)", marks)
        self.facts.position = max(position, self._journal.last_position())

    def unseen(self, rows: Sequence[Row]) -> list[Row]:
        """Give the rows that were not taken lately."""
        dated = [row.created_at for row in rows if row.created_at is not None]
        if not dated:
            return list(rows)
        known = set(
            self._db.execute(
                "SELECT created_at, mark FROM seen WHERE created_at BETWEEN ? AND ?", (min(dated), max(dated))
            )
        )
        return [row for row in rows if (row.created_at, row.mark) not in known] if known else list(rows)

    def is_refused(self, mark: bytes) -> bool:
        """Tell whether a body like this was refused before."""
        return self._db.execute("SELECT 1 FROM refused WHERE mark = ?", (mark,)).fetchone() is not None

    def count(self, span: Span) -> int:
        """Count the rows of a span that were taken."""
        end = span.end if span.end is not None else 2**63 - 1
        ((found,),) = self._db.execute(
            "SELECT count(*) FROM seen WHERE created_at >= ? AND created_at < ?", (span.start, end)
        )
        return int(found)

    def save(
        self, taken: Iterable[Row] = (), refused: Iterable[bytes] = (), *, forget_below: int | None = None
    ) -> None:
        """Keep the facts, and which rows were taken; those below an instant are not asked for again."""
        self.facts.position = self._journal.last_position()
        with self._writing():
            self._db.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?, ?)",
                [(row.created_at, row.mark) for row in taken if row.created_at is not None],
            )
            self._db.executemany("INSERT OR IGNORE INTO refused VALUES (?)", [(mark,) for mark in refused])
            if forget_below is not None:
                self._db.execute("DELETE FROM seen WHERE created_at < ?", (forget_below,))
            text = orjson.dumps(asdict(self.facts)).decode()
            self._db.execute("INSERT OR REPLACE INTO fact VALUES ('facts', ?)", (text,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _open(self) -> sqlite3.Connection:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_SCHEMA)
        return db

    def _fact(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _facts(text: str | None) -> Facts:
    if text is None:
        return Facts()
    found: dict[str, Any] = orjson.loads(text)
    cursor = Cursor(**found.pop("cursor")) if found.get("cursor") else found.pop("cursor", None)
    return Facts(**{**found, "cursor": cursor, "counts": Counts(**found["counts"])})


def locked(folder: Path) -> AbstractContextManager[None]:
    """Hold the source's place in a home for the length of a block; raises AlreadyFollowing."""
    return place_in(folder, LOCK, "follows a Marquez; it takes over the whole history too")
