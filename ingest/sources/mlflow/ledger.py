"""What was told of an MLflow server, and how far was it read? In `mlflow.sqlite`, beside the journal.

One file serves several servers, each under its namespace: two may have a model of the same name. It is written after the
journal, so a crash between the two tells something again: with the same content and, as the time at which a change was found is
kept before, at the same time; the journal knows that event. It can be deleted: all is read again, and what has not changed since
it was first told stays single.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson

from ingest.sources.child import place_in
from ingest.sources.mlflow.decide import Row
from ingest.sources.mlflow.windows import Cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ingest.journal import Journal

FILE: Final = "mlflow.sqlite"
FORM: Final = "1"
RUN, MODEL, VERSION, REGISTERED, EXPERIMENT = "run", "model", "version", "registered", "experiment"

Thing = tuple[str, str]
"""A kind and an id."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fact (source TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (
    source TEXT, kind TEXT, id TEXT, digest TEXT NOT NULL, seen TEXT NOT NULL, told TEXT NOT NULL, is_open INTEGER NOT NULL,
    waits TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS told_open ON told (source, kind, id) WHERE is_open;
CREATE INDEX IF NOT EXISTS told_waits ON told (source, waits) WHERE waits != '';
CREATE TABLE IF NOT EXISTS found (source TEXT, kind TEXT, id TEXT, digest TEXT, at TEXT NOT NULL, PRIMARY KEY (source, kind, id));
"""
_ROW: Final = "digest, seen, told, is_open, waits, at"


@dataclass(slots=True)
class Counts:
    """What came of a server so far."""

    looked: int = 0
    events: int = 0
    duplicates: int = 0
    refused: int = 0


class Ledger:
    """The poller's file, open, for one server. One process at a time has that place: `locked` sees to it."""

    def __init__(self, folder: Path, journal: Journal, source: str) -> None:
        """Open the file, or make it; what belongs to another journal is forgotten."""
        self._path = folder / FILE
        self._source, self._journal_id = source, journal.id
        self._db = self._open()
        if self._fact("form") != FORM or self._fact("journal") != journal.id:
            self.begin_anew()
        self.cursor = Cursor(**orjson.loads(self._fact("cursor") or "{}"))
        self.counts = Counts(**orjson.loads(self._fact("counts") or "{}"))

    def begin_anew(self) -> None:
        """Forget all that was told of this server: it is read again."""
        with self._writing():
            for table in ("fact", "told", "found"):
                self._db.execute(f"DELETE FROM {table} WHERE source = ?", (self._source,))  # noqa: S608 - a constant
        self.cursor, self.counts = Cursor(), Counts()
        self._note({"form": FORM, "journal": self._journal_id})

    def row(self, kind: str, one: str) -> Row:
        """Give what was told of a thing; an empty row where nothing was."""
        found = self._db.execute(
            f"SELECT {_ROW} FROM told WHERE source = ? AND kind = ? AND id = ?",  # noqa: S608 - a constant
            (self._source, kind, one),
        ).fetchone()
        return Row() if found is None else _row(found)

    def rows(self, kind: str) -> dict[str, Row]:
        """Give all rows of a kind: experiments, versions and registered models are few."""
        found = self._db.execute(
            f"SELECT id, {_ROW} FROM told WHERE source = ? AND kind = ?",  # noqa: S608 - a constant
            (self._source, kind),
        )
        return {str(one[0]): _row(one[1:]) for one in found}

    def open_runs(self) -> list[str]:
        """Give the runs that had not ended when they were last seen."""
        found = self._db.execute(
            "SELECT id FROM told WHERE source = ? AND kind = 'run' AND is_open ORDER BY id", (self._source,)
        )
        return [str(one[0]) for one in found]

    def waiting_for(self, run_ids: Iterable[str]) -> list[str]:
        """Give the runs that wait until the job of one of these is known."""
        found: list[str] = []
        for run_id in run_ids:
            waits = self._db.execute(
                "SELECT id FROM told WHERE source = ? AND waits = ? ORDER BY id", (self._source, run_id)
            )
            found += [str(one[0]) for one in waits]
        return found

    def count_open(self) -> int:
        """Count the runs that have not ended."""
        ((found,),) = self._db.execute(
            "SELECT count(*) FROM told WHERE source = ? AND kind = 'run' AND is_open", (self._source,)
        )
        return int(found)

    @property
    def identity(self) -> str:
        """Say by what the server is known again; "" where nothing was read yet."""
        return self._fact("identity") or ""

    def note_identity(self, identity: str) -> None:
        """Take note of whose data this is."""
        self._note({"identity": identity})

    def found_at(self, kind: str, one: str, digest: str) -> str | None:
        """Give the time at which this change was found, if it was not told since."""
        found = self._db.execute(
            "SELECT at FROM found WHERE source = ? AND kind = ? AND id = ? AND digest = ?",
            (self._source, kind, one, digest),
        ).fetchone()
        return None if found is None else str(found[0])

    def note_found(self, changes: Mapping[Thing, tuple[str, str]]) -> None:
        """Keep at what time changes were found, before they are told: digest and time of each."""
        if not changes:
            return
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO found VALUES (?, ?, ?, ?, ?)",
                [(self._source, *thing, *change) for thing, change in changes.items()],
            )

    def save(self, rows: Mapping[Thing, Row]) -> None:
        """Keep what was told, how far the server was read, and what came of it."""
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        *(self._source, *thing, row.digest, row.seen, orjson.dumps(dict(row.told)).decode()),
                        *(int(row.is_open), row.waits, row.at),
                    )
                    for thing, row in rows.items()
                ],
            )
            self._db.executemany(
                "DELETE FROM found WHERE source = ? AND kind = ? AND id = ?",
                [(self._source, *thing) for thing in rows],
            )
            self._write_facts({"cursor": _text(asdict(self.cursor)), "counts": _text(asdict(self.counts))})

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _open(self) -> sqlite3.Connection:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_SCHEMA)
        return db

    def _fact(self, name: str) -> str | None:
        found = self._db.execute(
            "SELECT value FROM fact WHERE source = ? AND name = ?", (self._source, name)
        ).fetchone()
        return None if found is None else str(found[0])

    def _note(self, facts: Mapping[str, str]) -> None:
        with self._writing():
            self._write_facts(facts)

    def _write_facts(self, facts: Mapping[str, str]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO fact VALUES (?, ?, ?)",
            [(self._source, name, value) for name, value in facts.items()],
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _row(found: tuple[Any, ...]) -> Row:
    digest, seen, told, is_open, waits, at = found
    return Row(digest, seen, orjson.loads(told), bool(is_open), waits, at)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def mark_of(source: str) -> str:
    """Give a short name for a server's namespace, for files that belong to it alone."""
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def locked(folder: Path, source: str) -> AbstractContextManager[None]:
    """Hold the place of a server in a home for the length of a block; raises AlreadyFollowing."""
    what = f"reads {source}; ask it to look at all again with --resync"
    return place_in(folder, f"mlflow-{mark_of(source)}.lock", what)
