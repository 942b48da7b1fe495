"""How is the journal's SQLite file made and opened, and what do its failures mean?

WAL, so that readers never wait; `synchronous = FULL`, so that a commit is on disk when it returns. Every
failure of the file or the disk becomes JournalUnavailable.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from graph_schema.errors import JournalUnavailable
from graph_schema.instants import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMAT: Final = "1"
WAL_PAGES: Final = 4_000
"""16 MiB of log between checkpoints: the hash index is written at random places, so fewer is much cheaper."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS journal (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('event', 'rejected', 'audit', 'set-aside')),
    digest BLOB,
    suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),
    received_at TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT,
    chain BLOB NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS event_digest ON record (digest) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS other_kinds ON record (kind, position) WHERE kind <> 'event';
CREATE TABLE IF NOT EXISTS alias (digest BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
"""


def create(path: Path, *, busy_timeout_s: float) -> None:
    """Make the file and its tables unless they are there; two processes may do so at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # The bodies may hold secrets; SQLite gives its log files the mode of the main file.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    db = connect(path, read_only=False, busy_timeout_s=busy_timeout_s)
    try:
        _patiently(lambda: db.execute("PRAGMA journal_mode = WAL"), busy_timeout_s)
        if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alias'").fetchone()[0]:
            return
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}")
        facts = [("format", FORMAT), ("id", str(uuid.uuid4())), ("created_at", now())]
        db.executemany("INSERT OR IGNORE INTO journal VALUES (?, ?)", facts)
        db.execute("COMMIT")
    finally:
        db.close()
    _sync_directory(path.parent)


def _patiently(act: Callable[[], object], patience_s: float) -> None:
    # Changing to WAL answers "locked" at once while another process does so; SQLite does not wait there.
    give_up = time.monotonic() + patience_s
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _sync_directory(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def connect(path: Path, *, read_only: bool, busy_timeout_s: float) -> sqlite3.Connection:
    """Open the file as it is; nothing is made."""
    mode = "ro" if read_only else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
    try:
        if not read_only:
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
            db.execute("PRAGMA journal_size_limit = 67108864")
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into JournalUnavailable."""
    try:
        yield
    except (sqlite3.Error, OSError, zlib.error) as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        what = f"the journal {path.name} cannot be used now ({name}: {error})"
        msg = f"{what}; free the disk or check the file, then send again"
        raise JournalUnavailable(msg, cause=name) from error
