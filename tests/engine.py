"""How does a test get a graph of its own? One engine of each kind per session, and an empty database per test.

def test_something(graph: Database) -> None:
    rows = graph.run(lambda store: store.read(...))

Such a test runs on the embedded engine and on one line of Neo4j: the lines take turns, file by file, and
HEADWATER_EVERY_LINE=1 runs it on both. What is about the engines themselves, the laws and all statements says
`@on_every_engine`; others say `@on_arcadedb`, `@on_neo4j` or `@on_one_line`.
An engine is started when the first test asks for it. ArcadeDB makes a database for every test; Neo4j Community has
one, which is emptied before every test. There, whatever Neo4j warns of is an error: a missing index, a deprecated
word, and also a label, type or property that the schema does not know, for all that it knows was written once.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import httpx
import neo4j
import pytest

from app.engine import arcadedb
from app.supervise import LEASH
from queries.migrate import migrate
from queries.statements import Statement, read_statement
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import open_store
from tests.needs import need
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES, is_here
from tests.neo4j.words import known_words

T = TypeVar("T")
START_S: Final = 60.0
TIMEOUT_S: Final = 30.0
ARCADEDB: Final = "arcadedb"
NEO4J: Final = tuple(f"neo4j-{line}" for line in LINES)
ENGINES: Final = (ARCADEDB, *NEO4J)
_numbers = itertools.count(1)

on_every_engine = pytest.mark.parametrize("graph", ENGINES, indirect=True)
on_arcadedb = pytest.mark.parametrize("graph", [ARCADEDB], indirect=True)
on_neo4j = pytest.mark.parametrize("graph", NEO4J, indirect=True)
on_one_line = pytest.mark.parametrize("graph", [ARCADEDB, NEO4J[-1]], indirect=True)
"""For what takes long and is about our side: one line of Neo4j says enough."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that names no engines the embedded one and the line of Neo4j whose turn it is in this file."""
    named = any("graph" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "graph" not in metafunc.fixturenames or named:
        return
    turn = zlib.crc32(metafunc.module.__name__.encode()) % len(NEO4J)
    lines = NEO4J if os.environ.get("HEADWATER_EVERY_LINE") else (NEO4J[turn],)
    metafunc.parametrize("graph", (ARCADEDB, *lines), indirect=True)


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database, and how one gets there."""

    kind: str
    uri: str
    user: str
    password: str = field(repr=False)
    name: str
    http_url: str = ""

    @property
    def dialect(self) -> str:
        """Say which Cypher the engine speaks."""
        return self.kind.partition("-")[0]

    async def open(self, *, timeout_s: float = TIMEOUT_S) -> GraphStore:
        """Connect; whoever calls this closes it."""
        return await open_store(
            self.uri,
            user=self.user,
            password=self.password,
            database=self.name,
            timeout_s=timeout_s,
            warn=self.dialect == "neo4j",
        )

    def ways_to_fill(self) -> tuple[ArcadeBulk | None, ...]:
        """List how a rebuild can fill it: by the engine's own import where it has one, and by statements (None)."""
        if not self.http_url:
            return (None,)
        bulk = ArcadeBulk(self.http_url, user=self.user, password=self.password, database=self.name)
        return (bulk, None)

    async def make_ready(self, store: GraphStore) -> None:
        """Run the migrations, and make the embedded engine's full-text indexes, as `serve` does."""
        await migrate(store)
        bulk, *_ = self.ways_to_fill()
        if bulk is not None:
            await bulk.index_words()

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
                    await self.make_ready(store)
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
    """Run one embedded engine for all tests of this process."""
    with running(tmp_path_factory.mktemp("engine")) as started:
        yield started


@pytest.fixture(scope="session")
def neo4j_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], neo4j_server.Neo4j]]:
    """Run a Neo4j of each line that is asked for, for all tests of this process."""
    with ExitStack() as stack:

        @cache
        def started(name: str) -> neo4j_server.Neo4j:
            server = neo4j_server.plan(LINES[name], tmp_path_factory.mktemp("neo4j"))
            stack.enter_context(neo4j_server.started(server))
            stack.callback(neo4j_server.kill, server)  # nobody needs its data
            known_words(server)
            return server

        yield started


@pytest.fixture
def embedded(engine: arcadedb.Engine) -> Iterator[Database]:
    """Give a new database on the embedded engine, and drop it afterwards."""
    name = f"t{next(_numbers)}"
    _command(engine, f"create database {name}")
    yield Database(ARCADEDB, engine.uri, arcadedb.USER, engine.password, name, engine.http_url)
    _command(engine, f"drop database {name}")


@pytest.fixture
def graph(request: pytest.FixtureRequest) -> Database:
    """Give an empty database on the engine that the test is given."""
    kind: str = request.param
    if kind == ARCADEDB:
        made: Database = request.getfixturevalue("embedded")
        return made
    line = LINES[kind.partition("-")[2]]
    need(f"Neo4j {line.version}", here=is_here(line), get_it="run `make neo4j-fetch`")
    server: neo4j_server.Neo4j = request.getfixturevalue("neo4j_of")(line.name)
    neo4j_server.wipe(server)
    return Database(kind, server.uri, neo4j_server.USER, server.password, neo4j_server.DATABASE)


def forget_schema(graph: Database) -> None:
    """Take constraints and indexes away, too: a test is about making them."""
    if graph.dialect != "neo4j":
        return  # a database of ArcadeDB's is new in every test
    auth = (graph.user, graph.password)
    with neo4j.GraphDatabase.driver(graph.uri, auth=auth) as driver:
        for kind in ("CONSTRAINT", "INDEX"):
            listed = driver.execute_query(f"SHOW {kind} YIELD name, type WHERE type <> 'LOOKUP' RETURN name")
            for record in listed.records:
                driver.execute_query(f"DROP {kind} {record['name']}")


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
