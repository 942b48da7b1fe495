"""What does the projector remember? One SQLite file, rebuildable from the journal, as a stream processor's state store.

Rows are what the fold joined (facts, registers, names) and what was derived from them and is needed to derive
the next change (observations, edges shown). Folding reads this and never the graph (DESIGN 1.3).
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from ingest.facets.stated import Stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ingest.facts import Sha

FORM: Final = 5
"""Raised whenever what the rows mean changes; an older file is thrown away and rebuilt."""

_TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE body (sha BLOB PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE name (key TEXT PRIMARY KEY, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    created_at TEXT NOT NULL, real INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE field (dataset TEXT, path TEXT, PRIMARY KEY (dataset, path)) WITHOUT ROWID;
CREATE TABLE register (entity TEXT, facet TEXT, stamp TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (entity, facet)) WITHOUT ROWID;
CREATE TABLE schema_claim (dataset TEXT, run TEXT, stamp TEXT, low INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (dataset, run, stamp)) WITHOUT ROWID;
CREATE INDEX schema_claim_rank ON schema_claim (dataset, low, stamp);
CREATE INDEX schema_claim_run ON schema_claim (run) WHERE run <> '';
CREATE TABLE run_fact (run TEXT, ord TEXT, fact BLOB NOT NULL, PRIMARY KEY (run, ord)) WITHOUT ROWID;
CREATE TABLE run_mention (run TEXT, ord TEXT, job TEXT, PRIMARY KEY (run, ord, job)) WITHOUT ROWID;
CREATE TABLE run (run TEXT PRIMARY KEY, job TEXT NOT NULL, completed TEXT NOT NULL, reads BLOB NOT NULL,
    typed INTEGER NOT NULL, low TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX run_completed ON run (job, completed, run);
CREATE TABLE job_event (job TEXT, ord TEXT, declared BLOB NOT NULL, PRIMARY KEY (job, ord)) WITHOUT ROWID;
CREATE TABLE job_type (job TEXT, ord TEXT, processing TEXT NOT NULL, snapshot INTEGER NOT NULL,
    PRIMARY KEY (job, ord)) WITHOUT ROWID;
CREATE INDEX job_type_kind ON job_type (job, processing, snapshot);
CREATE TABLE job_parent (job TEXT PRIMARY KEY, ord TEXT NOT NULL, parent TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE told (dataset TEXT, ord TEXT, told BLOB NOT NULL, PRIMARY KEY (dataset, ord)) WITHOUT ROWID;
CREATE TABLE checked (dataset TEXT, ord TEXT, checked BLOB NOT NULL, PRIMARY KEY (dataset, ord)) WITHOUT ROWID;
CREATE TABLE link (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX link_back ON link (b, a);
CREATE TABLE alias (name TEXT PRIMARY KEY, canonical TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX alias_back ON alias (canonical);
CREATE TABLE unmerged (name TEXT PRIMARY KEY, first TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE observation (id INTEGER PRIMARY KEY, job TEXT NOT NULL, output TEXT NOT NULL, at TEXT NOT NULL,
    run TEXT NOT NULL, role INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX observation_pair ON observation (job, output, at);
CREATE INDEX observation_run ON observation (run) WHERE run <> '';
CREATE INDEX observation_write ON observation (output, role, at);
CREATE TABLE act (job TEXT, direction TEXT, dataset TEXT, run TEXT, complete INTEGER NOT NULL,
    PRIMARY KEY (job, direction, dataset, run)) WITHOUT ROWID;
CREATE INDEX act_run ON act (run);
CREATE INDEX act_dataset ON act (dataset);
CREATE TABLE declaration (job TEXT, direction TEXT, dataset TEXT, PRIMARY KEY (job, direction, dataset)) WITHOUT ROWID;
CREATE TABLE lifecycle (dataset TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, other TEXT NOT NULL,
    job TEXT NOT NULL, run TEXT NOT NULL, attempt INTEGER NOT NULL);
CREATE INDEX lifecycle_dataset ON lifecycle (dataset, kind, at);
CREATE INDEX lifecycle_other ON lifecycle (other) WHERE other <> '';
CREATE INDEX lifecycle_run ON lifecycle (run) WHERE run <> '';
CREATE TABLE mention (name TEXT, job TEXT, dataset TEXT, PRIMARY KEY (name, job, dataset)) WITHOUT ROWID;
CREATE TABLE described (dataset TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE edge (job TEXT, target TEXT, type TEXT, source TEXT, source_path TEXT, target_path TEXT,
    open INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (job, target, type, source, source_path, target_path)) WITHOUT ROWID;
CREATE TABLE io (job TEXT, direction TEXT, dataset TEXT, evidence TEXT NOT NULL, declared INTEGER NOT NULL,
    current INTEGER NOT NULL, PRIMARY KEY (job, direction, dataset)) WITHOUT ROWID;
CREATE TABLE shown (key TEXT PRIMARY KEY, parts BLOB NOT NULL) WITHOUT ROWID;
"""


class State:
    """The projector's state file. One process holds it; each batch is one transaction."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it where it is missing; its own loss costs a rebuild and nothing else."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # NORMAL: after a power cut the file is whole and perhaps older; the events after it are folded again.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "temp_store=MEMORY"):
            self._db.execute(f"PRAGMA {pragma}")
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            self._db.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self.put("form", FORM)
            self.put("id", str(uuid4()))
            self.put("cursor", 0)
        self.recent: dict[Sha, bytes] = {}
        self._canonical: dict[str, str] | None = None
        self._members: dict[str, list[str]] = {}
        self._unmerged: dict[str, str] = {}
        self.stated = lru_cache(maxsize=4096)(self._stated)

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
