"""How does a test get a Marquez's database of its own? One server per session, and a new database per test.

The table is made as the catalog of a migrated Marquez 0.51.1 describes it; Marquez itself is not needed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.needs import SHARED, need
from tests.postgres.server import Postgres, started

SCENARIOS: Final = ("food", "airflow", "spark", "dbt", "odd", "docs")
READER: Final = "headwater"
BLIND: Final = "blind"
"""A role that may read the table, and not see what others do."""

PASSWORD: Final = "reads-alone"

_TABLE: Final = """
CREATE TABLE lineage_events (
    event_time timestamptz NOT NULL,
    event jsonb NOT NULL,
    event_type text,
    job_name text,
    job_namespace text,
    producer text,
    run_uuid uuid,
    created_at timestamptz DEFAULT ((now() AT TIME ZONE 'UTC')::timestamptz),
    _event_type varchar(64) DEFAULT 'RUN_EVENT'
);
CREATE INDEX ON lineage_events (created_at DESC NULLS LAST);
CREATE INDEX ON lineage_events (event_time DESC);
CREATE INDEX ON lineage_events (run_uuid);
CREATE INDEX ON lineage_events (job_name, job_namespace);
"""
_INSERT: Final = "INSERT INTO lineage_events (event_time, event, _event_type) VALUES (now(), %s, %s)"
_INSERT_AT: Final = (
    "INSERT INTO lineage_events (event_time, event, _event_type, created_at) VALUES (now(), %s, %s, %s)"
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class MarquezDatabase:
    """A database with Marquez's table, and how one gets there."""

    server: Postgres
    name: str

    @property
    def address(self) -> str:
        """Give the address for the role that docs/marquez.md describes."""
        return self.server.url(self.name, READER, PASSWORD)

    def connect(self, zone: str = "UTC") -> psycopg.Connection[Any]:
        """Connect as Marquez does, whose process runs in a zone."""
        connection = self.server.connect(self.name)
        connection.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        return connection

    def make_table(self) -> None:
        """Make the table, as Marquez does at its first start."""
        with self.connect() as connection:
            connection.execute(_TABLE)

    def insert(self, connection: psycopg.Connection[Any], event: Any, created_at: Any = "default") -> None:
        """Write a row, in one statement as Marquez does."""
        kind = kind_of(event)
        if created_at == "default":
            connection.execute(_INSERT, [Jsonb(event), kind])
        else:
            connection.execute(_INSERT_AT, [Jsonb(event), kind, created_at])


def kind_of(event: Any) -> str:
    """Say what Marquez takes an event for."""
    if isinstance(event, dict) and "run" in event:
        return "RUN_EVENT"
    return "JOB_EVENT" if isinstance(event, dict) and "job" in event else "DATASET_EVENT"


def recorded(scenario: str) -> list[dict[str, Any]]:
    """Give the rows that a real Marquez stored."""
    return _lines(_folder() / scenario / "rows.ndjson")


def posted(scenario: str) -> list[dict[str, Any]]:
    """Give what was posted to that Marquez, and what it answered."""
    return _lines(_folder() / scenario / "posts.ndjson")


def _folder() -> Path:
    folder = SHARED / "corpora" / "marquez"
    need("the rows of a real Marquez", here=folder.is_dir(), get_it="they belong beside the project's folder")
    return folder


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def make_roles(server: Postgres) -> None:
    """Make the roles that read: one as docs/marquez.md has it, and one that cannot see what others do."""
    with server.connect() as connection:
        connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"GRANT pg_read_all_stats TO {READER}")
        connection.execute(f"CREATE ROLE {BLIND} LOGIN PASSWORD '{PASSWORD}'")


def make_empty(server: Postgres, name: str) -> MarquezDatabase:
    """Make a database that Marquez has not seen yet."""
    with server.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return MarquezDatabase(server, name)


def make_database(server: Postgres, name: str) -> MarquezDatabase:
    """Make a database with Marquez's table, and let the readers read it."""
    made = make_empty(server, name)
    made.make_table()
    with made.connect() as connection:
        connection.execute(f"GRANT SELECT ON lineage_events TO {READER}, {BLIND}")
    return made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one PostgreSQL for all tests of this process."""
    with started() as server:
        make_roles(server)
        yield server


@pytest.fixture
def marquez_db(postgres: Postgres) -> Iterator[MarquezDatabase]:
    """Give a new database with Marquez's table, and drop it afterwards."""
    name = f"marquez{next(_numbers)}"
    yield make_database(postgres, name)
    with postgres.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
