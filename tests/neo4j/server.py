"""How is a Neo4j started, killed, started again and asked, without Docker and without an installation?

Community edition from plain jars: one process, one folder, Bolt on loopback, a password from the start. It runs on
the leash that Headwater's own engine runs on, so it ends with the process that started it, however that ends.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import neo4j

from app.engine.arcadedb import HOST, _free_ports
from app.supervise import LEASH
from tests.neo4j.jars import Line, Missing, java_for, main_class

USER: Final = "neo4j"
DATABASE: Final = "neo4j"
FIRST_PASSWORD: Final = "neo4j"
STARTED: Final = "Started."
START_S: Final = 120.0
GRACE_S: Final = 20.0

SHORT_LIVED: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Tests send each statement a few times: quick compiling beats quick code, and few threads beat many."""

Settings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Neo4j:
    """Where a Neo4j keeps its data, listens, and what it is told. The address outlives its restarts.

    With `bytes_max` no file of it may grow beyond: to Neo4j that is a full disk.
    """

    line: Line
    folder: Path
    port: int
    password: str = field(repr=False)
    heap_mb: int = 512
    settings: Settings = field(default_factory=dict)
    jvm: tuple[str, ...] = SHORT_LIVED
    bytes_max: int | None = None

    @property
    def uri(self) -> str:
        return f"bolt://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Say where everything goes that the server says."""
        return self.folder / "console.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "pid"


def plan(line: Line, folder: Path, *, heap_mb: int = 512, settings: Settings | None = None) -> Neo4j:
    """Choose a password and a free port, one that no outgoing connection takes while the server is away."""
    (port,) = _free_ports(1)
    return Neo4j(line, folder.absolute(), port, secrets.token_urlsafe(24), heap_mb, settings or {})


def command(server: Neo4j) -> list[str]:
    """Lay out the folder for one start and give the command that starts it; raises Missing."""
    java = java_for(server.line)
    if java is None or not server.line.main_jar.is_file():
        raise Missing(f"Neo4j {server.line.version} is not here; run `make neo4j-fetch`")
    for part in ("conf", "data", "logs", "run", "plugins", "import", "tmp"):
        (server.folder / part).mkdir(parents=True, exist_ok=True)
    conf = "".join(f"{name}={value}\n" for name, value in _settings(server).items())
    (server.folder / "conf" / "neo4j.conf").write_text(conf)
    opened = ("nio", "io", "util.concurrent")
    return [
        str(java),
        *(f"-Xms{min(256, server.heap_mb)}m", f"-Xmx{server.heap_mb}m", *server.jvm),
        *("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-Dfile.encoding=UTF-8"),
        *("-Dlog4j2.disable.jmx=true", "-Djol.skipHotspotSAAttach=true"),
        *("-Dio.netty.tryReflectionSetAccessible=true", f"-Djava.io.tmpdir={server.folder / 'tmp'}"),
        *("--enable-native-access=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"),
        *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in opened),
        *("-cp", str(server.line.jars / "*"), main_class(server.line)),
        *(f"--home-dir={server.folder}", f"--config-dir={server.folder / 'conf'}", "--console-mode"),
    ]


def _settings(server: Neo4j) -> dict[str, str]:
    return {
        "server.default_listen_address": HOST,
        "server.bolt.listen_address": f"{HOST}:{server.port}",
        "server.bolt.advertised_address": f"{HOST}:{server.port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": "128m",
        "db.transaction.timeout": "120s",
        "db.lock.acquisition.timeout": "10s",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "2 files",
        **server.settings,
    }


@contextmanager
def started(server: Neo4j, *, with_password: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server on its leash and wait until it answers; end it by letting go of the leash."""
    order = {
        "command": command(server),
        "folder": str(server.folder),
        "pid_file": str(server.pid_file),
        "grace_s": GRACE_S,
    }
    said_before = server.log.stat().st_size if server.log.exists() else 0
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEASH), "neo4j"], stdin=subprocess.PIPE, stdout=log, stderr=log
        )
        if server.bytes_max is not None:  # before the order is given, so Neo4j inherits it
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (server.bytes_max, server.bytes_max))
    assert process.stdin is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    try:
        _wait_until_up(server, process, said_before, with_password=with_password)
        yield process
    finally:
        process.stdin.close()
        process.wait(GRACE_S + 10)


def _wait_until_up(
    server: Neo4j, process: subprocess.Popen[bytes], said_before: int, *, with_password: bool
) -> None:
    """Wait until the server lets its user in. Only after its own word: another one may answer at its address."""
    deadline = time.monotonic() + START_S
    while True:
        said = server.log.read_bytes()[said_before:].decode(errors="replace")
        assert process.poll() is None, said[-4000:]
        assert time.monotonic() < deadline, said[-4000:]
        if STARTED in said:
            with suppress(neo4j.exceptions.DriverError, neo4j.exceptions.DatabaseUnavailable, OSError):
                if with_password:
                    _let_in(server)
                return
        time.sleep(0.1)


def _let_in(server: Neo4j) -> None:
    marker = server.folder / "has-password"
    if not marker.exists():
        with _driver(server, FIRST_PASSWORD) as driver:
            driver.execute_query(
                # The first statement of a cold server; its own limit, lest a test's settings end it.
                neo4j.Query("ALTER CURRENT USER SET PASSWORD FROM $old TO $new", timeout=START_S),
                {"old": FIRST_PASSWORD, "new": server.password},
                database_="system",
            )
        marker.touch()
    with _driver(server, server.password) as driver:
        driver.execute_query("CALL db.awaitIndexes(60)", database_=DATABASE)


def run(server: Neo4j, text: str, **params: object) -> list[neo4j.Record]:
    """Run a statement past Headwater, as its database's operator would."""
    with _driver(server, server.password) as driver:
        return driver.execute_query(text, params, database_=DATABASE).records


def wipe(server: Neo4j) -> None:
    """Empty the database, bit by bit, and leave its constraints."""
    with _driver(server, server.password) as driver, driver.session(database=DATABASE) as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()


def _driver(server: Neo4j, password: str) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(
        server.uri,
        auth=(USER, password),
        telemetry_disabled=True,
        notifications_min_severity="OFF",
        connection_timeout=5,
        max_transaction_retry_time=0,
    )


def kill(server: Neo4j, *, timeout_s: float = 30.0) -> None:
    """Kill -9 a server if it runs, and wait until its leash has seen it."""
    if not server.pid_file.exists():
        return
    os.kill(int(server.pid_file.read_text()), signal.SIGKILL)
    deadline = time.monotonic() + timeout_s
    while server.pid_file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
