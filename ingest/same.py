"""Is an event in the journal already, under its own hash or under the one that Marquez's rewriting gives it?

    it is a duplicate where      its hash    is that of a record
                                 its hash    is the alias of a record      a row of Marquez's, after the event itself
                                 its alias   is the hash of a record       the event itself, after the row

Two events that only share an alias are two: neither is what Marquez made of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

BY_DIGEST: Final = "SELECT position FROM record WHERE digest = ? AND kind = 'event'"
_BY_ALIAS: Final = "SELECT position FROM alias WHERE digest = ?"
_INSERT: Final = "INSERT OR IGNORE INTO alias VALUES (?, ?)"


class Same:
    """What a journal holds, and what the transaction that is being written adds to it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Look into this file, inside its write transaction."""
        self._db = db
        self._new: dict[bytes, int] = {}
        self._aliases: dict[bytes, int] = {}

    def find(self, digest: bytes, alias: bytes | None) -> int | None:
        """Give the position of the same event, where there is one."""
        found = self._look(digest, self._new, BY_DIGEST) or self._look(digest, self._aliases, _BY_ALIAS)
        return found or (None if alias is None else self._look(alias, self._new, BY_DIGEST))

    def add(self, digest: bytes, alias: bytes | None, position: int) -> None:
        """Take note of an event that is being written."""
        self._new[digest] = position
        if alias is not None:
            self._aliases.setdefault(alias, position)

    def save(self) -> None:
        """Write the aliases, in the same transaction."""
        self._db.executemany(_INSERT, self._aliases.items())

    def _look(self, name: bytes, new: dict[bytes, int], query: str) -> int | None:
        if name in new:
            return new[name]
        row = self._db.execute(query, (name,)).fetchone()
        return int(row[0]) if row else None
