"""What does the projector remember? One SQLite file, rebuildable from the journal, as a stream processor's state store.

Rows are what the fold joined (facts, registers, names) and what was derived from them and is needed to derive
the next change (observations, edges shown). Folding reads this and never the graph (DESIGN 1.3).
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from ingest.derive.settled import PACE, Pace
from ingest.facets.stated import Stated
from ingest.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.facts import Sha

FORM: Final = 12
"""Raised whenever what the rows mean changes; an older file is thrown away and rebuilt."""

_SCHEMA: Final = Path(__file__).with_name("state.sql").read_text(encoding="utf-8")
_COMPLETE: Final = Path(__file__).with_name("state_complete.sql").read_text(encoding="utf-8")
_BODIES_KEPT: Final = 4096
_BODY_KEPT_BYTES_MAX: Final = 8 * 1024


KEEP_SHOWN: Final = "INSERT OR REPLACE INTO shown VALUES (?, ?)"


class State:
    """The projector's state file. One process holds it; each batch is one transaction."""

    def __init__(self, path: Path, pace: Pace = PACE, *, bare: bool = False) -> None:
        """Open the file, making it where it is missing; its own loss costs a rebuild and nothing else.

        One that is made `bare` is for a rebuild, which fills it and then calls `complete`.
        """
        self.pace = pace
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # NORMAL: after a power cut the file is whole and perhaps older; the events after it are folded again.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "wal_autocheckpoint=8000",
            "cache_size=-65536",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
            self.put("id", str(uuid4()))
            self.put("cursor", 0)
            if not bare:
                self.complete()
        if not bare:
            self._db.execute("PRAGMA temp_store=MEMORY")
        self._remember_nothing()

    def _remember_nothing(self) -> None:
        self.recent: dict[Sha, bytes] = {}
        self._canonical: dict[str, str] | None = None
        self._members: dict[str, list[str]] = {}
        self._unmerged: dict[str, str] = {}
        self.stated = lru_cache(maxsize=4096)(self._stated)

    def complete(self) -> None:
        """Add what a bare file lacks; only then is it a state that can be gone on with."""
        self._db.executescript(f"BEGIN; {_COMPLETE} COMMIT;")
        self.put("form", FORM)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a statement."""
        return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Read the first row of a statement, if there is one."""
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Write by one statement."""
        self._db.execute(sql, values)

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Write many rows by one statement."""
        self._db.executemany(sql, values)

    def begin(self) -> None:
        """Begin the transaction of a batch."""
        self._db.execute("BEGIN")

    def commit(self) -> None:
        """Keep the batch."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the batch."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self.forget_groups()

    def get(self, name: str) -> Any:
        """Read one of the file's own values: form, id, cursor, journal."""
        row = self.one("SELECT value FROM meta WHERE name = ?", (name,))
        return row[0] if row else None

    def put(self, name: str, value: Any) -> None:
        """Write one of the file's own values."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def shown(self, key: str) -> bytes | None:
        """Give what the graph shows of a node, by hashes of its parts; None for one it does not show."""
        row = self.one("SELECT parts FROM shown WHERE key = ?", (key,))
        return row[0] if row else None

    def keep_shown(self, key: str, parts: bytes) -> None:
        """Note what the graph shows of a node from now on."""
        self.run(KEEP_SHOWN, (key, parts))

    def body(self, sha: Sha) -> bytes:
        """Read a body by its name; those of the present batch are at hand in `recent`."""
        known = self.recent.get(sha)
        if known is not None:
            return known
        row = self.one("SELECT text FROM body WHERE sha = ?", (sha,))
        if row is None:
            msg = f"body {sha.hex()} is missing from the state; run `headwater rebuild`"
            raise LookupError(msg)
        text: bytes = row[0]
        return text

    def _stated(self, sha: Sha) -> Stated:
        return msgspec.msgpack.decode(self.body(sha), type=Stated)

    def canonical(self, dataset: str) -> str:
        """Give the name that speaks for a dataset's group."""
        return self._aliases().get(dataset, dataset)

    def members(self, canonical: str) -> list[str]:
        """List the names of a group, the canonical one included."""
        self._aliases()
        return self._members.get(canonical) or [canonical]

    def unmerged(self, dataset: str) -> str | None:
        """Give the first name of the dataset's group where that is too large to be one dataset (rule F9)."""
        self._aliases()
        return self._unmerged.get(dataset)

    def forget_groups(self) -> None:
        """Read the groups anew: they changed."""
        self._canonical = None

    def _aliases(self) -> dict[str, str]:
        # Names in groups are few beside all names, and asked for with every run: they are kept in memory.
        if self._canonical is None:
            rows = self.rows("SELECT name, canonical FROM alias ORDER BY name")
            self._canonical = {str(name): str(canonical) for name, canonical in rows}
            self._members = {}
            for name, canonical in self._canonical.items():
                self._members.setdefault(canonical, []).append(name)
            self._unmerged = dict(self.rows("SELECT name, first FROM unmerged"))
        return self._canonical

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class Snapshot(State):
    """The state of a rebuild, as one of the processes that derive from it reads it.

    Nothing is shown yet; what is shown from now on is only noted, for the one process that writes.
    """

    def __init__(self, path: Path) -> None:
        """Open the file to read from it."""
        self.pace = PACE
        self._db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA cache_size=-32768")
        self._remember_nothing()
        self.noted: list[tuple[str, bytes]] = []
        self._kept: Memo[bytes] = Memo(_BODIES_KEPT)

    def shown(self, key: str) -> bytes | None:  # noqa: ARG002 - the graph is empty
        """Say that the graph shows nothing."""
        return None

    def keep_shown(self, key: str, parts: bytes) -> None:
        """Note it."""
        self.noted.append((key, parts))

    def body(self, sha: Sha) -> bytes:
        """Read a body; most are those of many runs."""
        known = self._kept.get(sha)
        if known is None:
            known = super().body(sha)
            if len(known) <= _BODY_KEPT_BYTES_MAX:
                self._kept.put(sha, known)
        return known
