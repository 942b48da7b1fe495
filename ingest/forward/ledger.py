"""How far has a receiver been told, what did it refuse, and what was asked of the forwarder?

One small SQLite file in the home. The forwarder is the only one that moves a cursor; commands add orders (`again`,
`skip`) and anybody may read. What was finished and not written down before a crash is sent once more, never left out.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from graph_schema.errors import BadInput, JournalUnavailable
from queries.received import ForwardRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE: Final = "forward.sqlite"
BUSY_TIMEOUT_S: Final = 10.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS receiver (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, journal TEXT NOT NULL, cursor INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, retries INTEGER NOT NULL DEFAULT 0,
    kept_back INTEGER NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS beyond (
    receiver INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (receiver, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    receiver INTEGER NOT NULL, position INTEGER NOT NULL, at TEXT NOT NULL, status INTEGER, answer TEXT NOT NULL,
    reason TEXT NOT NULL, tries INTEGER NOT NULL, run TEXT, job TEXT, PRIMARY KEY (receiver, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ordered (
    receiver INTEGER NOT NULL, position INTEGER NOT NULL, what TEXT NOT NULL CHECK (what IN ('again', 'skip')),
    PRIMARY KEY (receiver, position)
) WITHOUT ROWID;
"""
_CURRENT: Final = "SELECT id FROM receiver ORDER BY used DESC LIMIT 1"
_REFUSED: Final = f"""
SELECT position, at, status, answer, reason, tries, run, job FROM refused
WHERE receiver = ({_CURRENT}) AND position > ? ORDER BY position LIMIT ?
"""  # noqa: S608 - constants
_SENT_AGAIN: Final = """
DELETE FROM refused WHERE receiver = ?1 AND position = ?2
AND EXISTS (SELECT 1 FROM ordered WHERE receiver = ?1 AND position = ?2 AND what = 'again')
"""
_ORDER: Final = "INSERT OR REPLACE INTO ordered VALUES (?, ?, ?)"

What = Literal["again", "skip"]


@dataclass(slots=True)
class Counts:
    """How many events so far; `kept_back` came from the receiver's own table and are not sent back."""

    sent: int = 0
    refused: int = 0
    retries: int = 0
    kept_back: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as it was left: how far it was told, and what beyond."""

    id: int
    cursor: int
    beyond: frozenset[int]
    counts: Counts


@dataclass(slots=True)
class Finished:
    """What happened since the ledger was last written."""

    positions: list[int] = field(default_factory=list)
    refused: list[ForwardRefused] = field(default_factory=list)
    ordered: list[int] = field(default_factory=list)
    """Orders that were carried out."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.positions or self.refused or self.ordered)

    def __add__(self, later: Finished) -> Finished:
        """Join what happened with what happened after it."""
        return Finished(
            self.positions + later.positions, self.refused + later.refused, self.ordered + later.ordered
        )


class Ledger:
    """The open file, of the one forwarder that writes it."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it when it is not there; raises JournalUnavailable."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise _unavailable(path, error) from error

    def begin(self, url: str, journal: str, *, start: int) -> Receiver:
        """Take up a receiver where it was left; one that is new, or was told of another journal, begins at `start`."""
        with _transaction(self._db) as db:
            row = db.execute("SELECT id, journal FROM receiver WHERE url = ?", (url,)).fetchone()
            if row is not None and row[1] != journal:
                for table in ("beyond", "refused", "ordered"):
                    db.execute(f"DELETE FROM {table} WHERE receiver = ?", (row[0],))  # noqa: S608 - a constant
                db.execute("DELETE FROM receiver WHERE id = ?", (row[0],))
                row = None
            if row is None:
                db.execute(
                    "INSERT INTO receiver (url, journal, cursor) VALUES (?, ?, ?)", (url, journal, start)
                )
            db.execute(
                "UPDATE receiver SET used = (SELECT max(used) + 1 FROM receiver) WHERE url = ?", (url,)
            )
            query = "SELECT id, cursor, sent, refused, retries, kept_back FROM receiver WHERE url = ?"
            number, cursor, *counts = db.execute(query, (url,)).fetchone()
            found = db.execute("SELECT position FROM beyond WHERE receiver = ?", (number,))
            return Receiver(number, cursor, frozenset(row[0] for row in found), Counts(*counts))

    def keep(self, receiver: int, cursor: int, counts: Counts, finished: Finished) -> None:
        """Write down what happened, all of it or nothing; raises sqlite3.Error."""
        with _transaction(self._db) as db:
            db.execute(
                "UPDATE receiver SET cursor = ?, sent = ?, refused = ?, retries = ?, kept_back = ? WHERE id = ?",
                (cursor, counts.sent, counts.refused, counts.retries, counts.kept_back, receiver),
            )
            ahead = [(receiver, position) for position in finished.positions if position > cursor]
            db.executemany("INSERT OR IGNORE INTO beyond VALUES (?, ?)", ahead)
            db.execute("DELETE FROM beyond WHERE receiver = ? AND position <= ?", (receiver, cursor))
            done = [(receiver, position) for position in finished.ordered]
            db.executemany(_SENT_AGAIN, done)
            db.executemany("DELETE FROM ordered WHERE receiver = ? AND position = ?", done)
            rows = [
                (receiver, int(one.position), one.at, one.status, one.answer, one.reason, one.tries, one.run, one.job)
                for one in finished.refused
            ]  # fmt: skip
            db.executemany("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def orders(self, receiver: int) -> dict[int, What]:
        """Give what commands asked for and was not carried out yet."""
        query = "SELECT position, what FROM ordered WHERE receiver = ? ORDER BY position LIMIT 1000"
        return dict(self._db.execute(query, (receiver,)))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def refused(home: Path, after: int, limit: int) -> list[ForwardRefused]:
    """List what the receiver in use does not have, by position; raises JournalUnavailable."""
    path = home / FILE
    if not path.exists():
        return []
    try:
        with closing(_beside(path, "ro")) as db:
            return [_refusal(row) for row in db.execute(_REFUSED, (after, limit))]
    except sqlite3.Error as error:
        raise _unavailable(path, error) from error


def _refusal(row: tuple[Any, ...]) -> ForwardRefused:
    position, at, status, answer, reason, tries, run, job = row
    return ForwardRefused(
        position=str(position),
        at=at,
        reason=reason,
        status=status,
        answer=answer,
        tries=tries,
        run=run,
        job=job,
    )


def order_again(home: Path, positions: Sequence[int]) -> int:
    """Order refused events to be sent again, all of them when none is named; gives how many. Raises BadInput."""
    with _ordering(home) as (db, receiver):
        query = "SELECT position FROM refused WHERE receiver = ?"
        known = {row[0] for row in db.execute(query, (receiver,))}
        unknown = [position for position in positions if position not in known]
        if unknown:
            raise BadInput(
                f"position {unknown[0]} is not among what was refused; `headwater oddities forward_refused` lists it"
            )
        chosen = list(positions) or sorted(known)
        db.executemany(_ORDER, [(receiver, position, "again") for position in chosen])
        return len(chosen)


def order_skip(home: Path, position: int) -> None:
    """Order an event that holds others up to be passed by; raises BadInput where it is behind the cursor."""
    with _ordering(home) as (db, receiver):
        (cursor,) = db.execute("SELECT cursor FROM receiver WHERE id = ?", (receiver,)).fetchone()
        if position <= cursor:
            raise BadInput(f"position {position} is finished already: everything up to {cursor} is")
        db.execute(_ORDER, (receiver, position, "skip"))


@contextmanager
def _ordering(home: Path) -> Iterator[tuple[sqlite3.Connection, int]]:
    """Open the file to add orders for the receiver in use."""
    path = home / FILE
    if not path.exists():
        raise BadInput(
            f"nothing was forwarded from {home}; give --home DIR, the folder of the server that forwards"
        )
    try:
        with closing(_beside(path, "rw")) as db, _transaction(db):
            row = db.execute(_CURRENT).fetchone()
            if row is None:
                raise BadInput(f"nothing was forwarded from {home} yet")
            yield db, row[0]
    except sqlite3.Error as error:
        raise _unavailable(path, error) from error


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _beside(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)


def _unavailable(path: Path, error: Exception) -> JournalUnavailable:
    return JournalUnavailable(f"{path} cannot be used ({error}); make room, or mend its rights")
