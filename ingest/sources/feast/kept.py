"""What was told of a Feast registry? In `feast.sqlite`, beside the journal.

What is to be told is written here first, with what is known afterwards, in one transaction; then it goes into the journal, and
then it is taken away here. A crash anywhere between repeats an event as it was, which the journal knows, and leaves none
out. The file can be deleted: all is then told once more, with the times of a first reading.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from ingest.sources.child import place_in
from ingest.sources.feast.changes import Key, Plan, Row, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ingest.journal import Journal

FILE: Final = "feast.sqlite"
LOCK: Final = "feast.lock"
FORM: Final = "1"
AT_ONCE: Final = 500

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS project (name TEXT PRIMARY KEY, namespace TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS thing (
    namespace TEXT, kind TEXT, name TEXT, digest BLOB NOT NULL, updated TEXT NOT NULL, at TEXT NOT NULL, facets TEXT NOT NULL,
    job TEXT NOT NULL, job_facets TEXT NOT NULL, PRIMARY KEY (namespace, kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS materialized (
    namespace TEXT, view TEXT, start TEXT, end TEXT, PRIMARY KEY (namespace, view, start, end)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""
_THINGS: Final = (
    "SELECT kind, name, digest, updated, at, facets, job, job_facets FROM thing WHERE namespace = ?"
)


class Kept:
    """The source's own file, open. One process at a time has it: `locked` sees to that."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        """Open the file, or make it; one that belongs to another journal is made anew."""
        self._path = folder / FILE
        self._journal = journal
        self._db = self._open()
        if self._fact("form") != FORM or self._fact("journal") != journal.id:
            self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all that was told."""
        self._db.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._db = self._open()
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO fact VALUES (?, ?)", [("form", FORM), ("journal", self._journal.id)]
            )

    def projects(self) -> dict[str, str]:
        """Give the projects that were read, with the namespace of each."""
        return dict(self._db.execute("SELECT name, namespace FROM project"))

    def things(self, namespace: str) -> dict[Key, Row]:
        """Give what was told of a project."""
        return {
            (kind, name): Row(
                bytes(digest), updated, at, tuple(orjson.loads(facets)), job, tuple(orjson.loads(job_facets))
            )
            for kind, name, digest, updated, at, facets, job, job_facets in self._db.execute(
                _THINGS, (namespace,)
            )
        }

    def windows(self, namespace: str) -> set[Window]:
        """Give what was told of materializations."""
        found = self._db.execute(
            "SELECT view, start, end FROM materialized WHERE namespace = ?", (namespace,)
        )
        return {(view, start, end) for view, start, end in found}

    def save(self, project: str, namespace: str, plans: Iterable[Plan], *, deleted: bool = False) -> None:
        """Keep what is to be told, and what is known once it was."""
        with self._writing():
            if deleted:
                self._db.execute("DELETE FROM project WHERE name = ?", (project,))
            else:
                self._db.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", (project, namespace))
            for plan in plans:
                self._db.executemany(
                    "INSERT OR REPLACE INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(namespace, *key, *_columns(row)) for key, row in plan.rows.items()],
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO materialized VALUES (?, ?, ?, ?)",
                    [(namespace, *window) for window in plan.windows],
                )
                self._db.executemany(
                    "INSERT INTO pending (body) VALUES (?)", [(orjson.dumps(event),) for event in plan.events]
                )

    def pending(self) -> list[tuple[int, bytes]]:
        """Give the next events that are not known to be in the journal."""
        found = self._db.execute("SELECT number, body FROM pending ORDER BY number LIMIT ?", (AT_ONCE,))
        return [(number, bytes(body)) for number, body in found]

    def done(self, numbers: Sequence[int], counts: Mapping[str, int]) -> None:
        """Take away events that are in the journal, and keep what was counted."""
        with self._writing():
            self._db.executemany("DELETE FROM pending WHERE number = ?", [(number,) for number in numbers])
            self._db.execute(
                "INSERT OR REPLACE INTO fact VALUES ('counts', ?)", (orjson.dumps(counts).decode(),)
            )

    def counts(self) -> dict[str, int]:
        """Give what was counted so far."""
        text = self._fact("counts")
        found: dict[str, int] = {} if text is None else orjson.loads(text)
        return {"events": 0, "duplicates": 0, **found}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _open(self) -> sqlite3.Connection:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
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


def _columns(row: Row) -> tuple[Any, ...]:
    facets, job_facets = orjson.dumps(row.facets).decode(), orjson.dumps(row.job_facets).decode()
    return row.digest, row.updated, row.at, facets, row.job, job_facets


def locked(folder: Path) -> AbstractContextManager[None]:
    """Hold the source's place in a home for the length of a block; raises AlreadyFollowing."""
    return place_in(folder, LOCK, "reads a Feast registry")
