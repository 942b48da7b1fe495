"""How far was a gateway's log read? In `gateway.sqlite`, beside the journal.

It is written after the journal: a crash between the two makes lines be read again, which the journal knows. It can be deleted.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from ingest.sources.child import place_in
from ingest.sources.gateway.places import Place

if TYPE_CHECKING:
    from ingest.journal import Journal

FILE: Final = "gateway.sqlite"
LOCK: Final = "gateway.lock"
FORM: Final = "1"
COUNTED: Final = ("requests", "events", "duplicates", "refused")


class Kept:
    """The source's own file, open. One process at a time has it: `locked` sees to that."""

    def __init__(self, folder: Path, journal: Journal, log: Path) -> None:
        """Open the file, or make it; what it says of another journal, or of another log, is forgotten."""
        path = folder / FILE
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
        )
        self._whose = {"form": FORM, "journal": journal.id, "log": str(log.absolute())}
        found = self._facts()
        own = found.get("whose") == self._whose
        self.places = [Place(**one) for one in found.get("places", ())] if own else []
        self.counts: dict[str, int] = dict.fromkeys(COUNTED, 0) | (found.get("counts", {}) if own else {})

    def begin_anew(self) -> None:
        """Forget how far the log was read."""
        self.places = []

    def save(self, places: list[Place]) -> None:
        """Keep how far each file of the log was read, and what came of it."""
        self.places = places
        facts = {"whose": self._whose, "places": [asdict(one) for one in places], "counts": self.counts}
        self._db.execute("INSERT OR REPLACE INTO fact VALUES ('facts', ?)", (orjson.dumps(facts).decode(),))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _facts(self) -> dict[str, Any]:
        row = self._db.execute("SELECT value FROM fact WHERE name = 'facts'").fetchone()
        found: dict[str, Any] = {} if row is None else orjson.loads(row[0])
        return found


def locked(folder: Path) -> AbstractContextManager[None]:
    """Hold the source's place in a home for the length of a block; raises AlreadyFollowing."""
    return place_in(folder, LOCK, "follows a gateway's log")
