"""Does the embedded engine start, stay private, and come back?"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from app.engine import arcadedb
from graph_schema.errors import StoreUnavailable
from queries.store import GraphStore
from tests.engine import ARCADEDB, Database, adhoc, running

ROWS = adhoc("UNWIND range(1, 100) AS i CREATE (n:Dataset {key: 'k' + toString(i)})", mode="write")
COUNT = adhoc("MATCH (n:Dataset) RETURN count(n) AS n", returns=("n",))


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def engine_pid(engine: arcadedb.Engine) -> int:
    return int((engine.folder / "pid").read_text())


def database_of(engine: arcadedb.Engine) -> Database:
    return Database(ARCADEDB, engine.uri, arcadedb.USER, engine.password, arcadedb.DATABASE)


def test_it_listens_on_loopback_only(engine: arcadedb.Engine) -> None:
    """Nobody on another machine can reach the engine, by Bolt or by HTTP."""
    sockets = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout.splitlines()
    own = [line.split()[3] for line in sockets if f"pid={engine_pid(engine)}," in line]
    assert {address.rpartition(":")[0] for address in own} <= {"127.0.0.1", "[::ffff:127.0.0.1]"}
    assert {int(address.rpartition(":")[2]) for address in own} == {engine.bolt_port, engine.http_port}


def test_the_password_is_on_no_command_line(engine: arcadedb.Engine) -> None:
    """Command lines can be read by every user; the file with the password is gone once the engine answers."""
    for pid in (engine_pid(engine), os.getpid()):
        assert engine.password not in command_line(pid)
    assert not engine.arguments.exists()
    assert engine.password not in repr(engine)
    assert engine.folder.stat().st_mode & 0o077 == 0


def test_an_engine_without_memory_ends_and_says_why(tmp_path: Path) -> None:
    """It does not go on half dead, and what is to be set higher is named; one that was killed has no such reason."""
    too_much = adhoc("RETURN size(reduce(s = 'x', i IN range(1, 29) | s + s)) AS n", returns=("n",))

    async def ask(store: GraphStore) -> None:
        await store.read(too_much)

    with running(tmp_path / "engine", heap_mb=96) as engine:
        assert arcadedb.why_ended(engine) is None
        pid = engine_pid(engine)
        with pytest.raises(StoreUnavailable):
            database_of(engine).run(ask, migrated=False)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
        assert "its 96 MB of memory" in str(arcadedb.why_ended(engine))
        assert "HEADWATER_ENGINE_HEAP_MB" in str(arcadedb.why_ended(engine))


def test_data_outlives_a_kill_and_the_password_changes(tmp_path: Path) -> None:
    """After kill -9 the next start recovers what was committed, under a new password."""

    async def write(store: GraphStore) -> None:
        await store.write([(ROWS, {})])

    async def count(store: GraphStore) -> int:
        return int((await store.read(COUNT))[0]["n"])

    with running(tmp_path / "engine") as first:
        database_of(first).run(write)
        os.kill(engine_pid(first), signal.SIGKILL)
    with running(tmp_path / "engine") as second:
        assert second.password != first.password
        assert database_of(second).run(count) == 100


def test_a_large_message_is_taken(graph: Database) -> None:
    """One facet may be as large as the largest event, and a batch holds several."""
    body = "x" * (20 * 1024 * 1024)
    big = adhoc("CREATE (n:Facet {key: 'big', body: $body})", mode="write", params=("body",))
    size = adhoc("MATCH (n:Facet) RETURN size(n.body) AS size", returns=("size",))

    async def work(store: GraphStore) -> None:
        await store.write([(big, {"body": body})])
        assert await store.read(size) == [{"size": len(body)}]

    graph.run(work)
