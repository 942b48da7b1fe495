"""How does a test get a graph of its own? One ArcadeDB per session, a fresh empty database per test.

def test_something(graph: Database) -> None:
    rows = graph.run(lambda store: store.read(...))
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import httpx
import pytest

from app.engine import arcadedb
from app.supervise import LEASH
from queries.migrate import migrate
from queries.statements import Statement, read_statement
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import open_store

T = TypeVar("T")
START_S: Final = 60.0
TIMEOUT_S: Final = 30.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database on the session's engine."""

    engine: arcadedb.Engine
    name: str

    async def open(self, *, timeout_s: float = TIMEOUT_S) -> GraphStore:
        """Connect; whoever calls this closes it."""
        return await open_store(
            self.engine.uri,
            user=arcadedb.USER,
            password=self.engine.password,
            database=self.name,
            timeout_s=timeout_s,
        )

    def bulk(self) -> ArcadeBulk:
        """Give the engine's own import into this database."""
        return ArcadeBulk(
            self.engine.http_url, user=arcadedb.USER, password=self.engine.password, database=self.name
        )

    def run(
        self,
        work: Callable[[GraphStore], Awaitable[T]],
        *,
        migrated: bool = True,
        timeout_s: float = TIMEOUT_S,
    ) -> T:
        """Do some work on an open store, in an event loop of its own."""

        async def whole() -> T:
            store = await self.open(timeout_s=timeout_s)
            try:
                if migrated:
                    await migrate(store)
                return await work(store)
            finally:
                await store.aclose()

        return asyncio.run(whole())


@contextmanager
def running(folder: Path, *, heap_mb: int = 512) -> Iterator[arcadedb.Engine]:
    """Run an engine for the length of a block."""
    engine = arcadedb.plan(folder, heap_mb=heap_mb)
    with unleashed(engine) as process:
        deadline = time.monotonic() + START_S
        while not asyncio.run(arcadedb.answers(engine)):
            assert process.poll() is None, engine.log.read_text()[-2000:]
            assert time.monotonic() < deadline, engine.log.read_text()[-2000:]
            time.sleep(0.05)
        yield engine


@contextmanager
def unleashed(engine: arcadedb.Engine) -> Iterator[subprocess.Popen[bytes]]:
    """Start an engine on its leash, and end it by letting go of the leash."""
    order = {
        "command": arcadedb.prepare(engine),
        "folder": str(engine.folder),
        "pid_file": str(engine.folder / "pid"),
        "grace_s": 5.0,
    }
    with engine.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEASH), "engine"], stdin=subprocess.PIPE, stdout=log, stderr=log
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(20)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arcadedb.Engine]:
    """Run one engine for all tests of this process."""
    with running(tmp_path_factory.mktemp("engine")) as started:
        yield started


@pytest.fixture
def graph(engine: arcadedb.Engine) -> Iterator[Database]:
    """Give a fresh database, and drop it afterwards."""
    name = f"t{next(_numbers)}"
    _command(engine, f"create database {name}")
    yield Database(engine, name)
    _command(engine, f"drop database {name}")


def adhoc(
    text: str,
    *,
    mode: str = "read",
    params: tuple[str, ...] = (),
    returns: tuple[str, ...] = (),
) -> Statement:
    """Make a statement that has no file, for a test alone."""
    header = (
        f"// A test's own.\n// mode: {mode}\n// params: {', '.join(params)}\n// returns: {', '.join(returns)}"
    )
    return read_statement(f"{header}\n{text}", name="adhoc/statement")


def _command(engine: arcadedb.Engine, command: str) -> None:
    answer = httpx.post(
        f"http://{arcadedb.HOST}:{engine.http_port}/api/v1/server",
        json={"command": command},
        auth=(arcadedb.USER, engine.password),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
