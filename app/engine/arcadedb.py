"""How is ArcadeDB run from the wheel that brings it, Java included?

It listens on loopback only, under a password made anew by every `serve`, and keeps everything in one folder.
The password stands in a file that only the user can read, for the seconds that the engine needs to start:
command lines can be read by everybody.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import random
import secrets
import socket
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from graph_schema.errors import StoreUnavailable
from queries.store import GraphStore
from queries.stores.bolt import open_store

HOST: Final = "127.0.0.1"
USER: Final = "root"
DATABASE: Final = "lineage"
MESSAGE_BYTES_MAX: Final = 256 * 1024 * 1024
"""ArcadeDB takes Bolt messages and texts of 16 MiB unless told otherwise; one batch of rows may be larger."""

STATEMENT_TIMEOUT_S: Final = 300
"""A statement whose client went away is ended by the engine after this time."""

HASH_ROUNDS: Final = 1000
"""Of the password, at each new connection. It is random and long, so 65,536 rounds would only cost time."""


PORTS: Final = range(20_000, 30_000)
"""Below the ports that systems give to outgoing connections: one of those could take the engine's while it is
being restarted, even a connection to the engine itself."""

LOGGING: Final = """\
handlers = java.util.logging.ConsoleHandler, java.util.logging.FileHandler
.level = INFO
io.undertow.level = WARNING
org.xnio.level = WARNING
org.jboss.level = WARNING
java.util.logging.ConsoleHandler.level = WARNING
java.util.logging.ConsoleHandler.formatter = com.arcadedb.log.LogFormatter
java.util.logging.FileHandler.level = INFO
java.util.logging.FileHandler.formatter = com.arcadedb.log.LogFormatter
java.util.logging.FileHandler.pattern = log/engine.log
java.util.logging.FileHandler.append = true
java.util.logging.FileHandler.limit = 10000000
java.util.logging.FileHandler.count = 3
"""
"""The engine's own file of this kind writes below the folder that it was started in, up to 1 GB."""


OUT_OF_MEMORY: Final = b"Terminating due to java.lang.OutOfMemoryError"
"""What Java writes last of all when it ends for this reason (`-XX:+ExitOnOutOfMemoryError`)."""

_AFTER_BYTES: Final = 40


@dataclass(frozen=True, slots=True)
class Engine:
    """Where an engine keeps its data, listens, and what it may use. The address outlives its restarts."""

    folder: Path
    bolt_port: int
    http_port: int
    heap_mb: int
    password: str = field(repr=False)

    @property
    def uri(self) -> str:
        return f"bolt://{HOST}:{self.bolt_port}"

    @property
    def http_url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def log(self) -> Path:
        """Say where warnings go that are written before there is a log; beside it is engine.log."""
        return self.folder / "log" / "console.log"

    @property
    def arguments(self) -> Path:
        """Say where the file with Java's arguments is, while the engine starts."""
        return self.folder / "start.args"

    async def open(self, *, timeout_s: float) -> GraphStore:
        """Connect to the running engine; raises StoreUnavailable."""
        return await open_store(
            self.uri, user=USER, password=self.password, database=DATABASE, timeout_s=timeout_s
        )


def plan(folder: Path, *, heap_mb: int) -> Engine:
    """Choose free ports and a password for an engine in `folder`."""
    bolt_port, http_port = _free_ports(2)
    return Engine(
        folder.absolute(), bolt_port, http_port, heap_mb=heap_mb, password=secrets.token_urlsafe(32)
    )


def prepare(engine: Engine) -> list[str]:
    """Lay out the folder for one start and give the command that starts it."""
    for part in (engine.folder, engine.folder / "log", engine.folder / "tmp", engine.folder / "config"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Without this file the engine makes its root user anew, with the password of this start.
    (engine.folder / "config" / "server-users.jsonl").unlink(missing_ok=True)
    (engine.folder / "config" / "logging.properties").write_text(LOGGING)
    wheel = _wheel()
    lines = (_quoted(argument) for argument in _java_arguments(engine, wheel))
    engine.arguments.unlink(missing_ok=True)
    opened = os.open(engine.arguments, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as file:
        file.write("\n".join(lines))
    java = wheel / "jre" / "bin" / "java"
    return [str(java), f"@{engine.arguments}", "com.arcadedb.server.ArcadeDBServer"]


async def answers(engine: Engine) -> bool:
    """Tell whether the engine can be asked; once it can, forget the file with its password."""
    try:
        _, writer = await asyncio.open_connection(HOST, engine.bolt_port)
    except OSError:
        return False
    writer.close()
    try:
        store = await engine.open(timeout_s=5)
    except StoreUnavailable:
        return False
    await store.aclose()
    engine.arguments.unlink(missing_ok=True)
    return True


def why_ended(engine: Engine) -> str | None:
    """Tell from the engine's last words why it ended; None where they do not say it, or while it runs."""
    try:
        with engine.log.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - len(OUT_OF_MEMORY) - _AFTER_BYTES))
            said = log.read()
    except OSError:
        return None
    if OUT_OF_MEMORY not in said:
        return None
    return (
        f"the graph engine has run out of its {engine.heap_mb:,} MB of memory; give it more with "
        "HEADWATER_ENGINE_HEAP_MB (docs/operations.md), or use Neo4j"
    )


def _wheel() -> Path:
    found = importlib.util.find_spec("arcadedb_embedded")
    if found is None or found.origin is None:
        raise StoreUnavailable(
            "the embedded graph engine is not installed; run `pip install arcadedb-embedded`, or name a "
            "server with HEADWATER_GRAPH"
        )
    return Path(found.origin).parent


def _java_arguments(engine: Engine, wheel: Path) -> list[str]:
    settings = {
        "server.rootPassword": engine.password,
        "server.rootPath": engine.folder,
        "server.logsDirectory": engine.folder / "log",
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "server.httpIncomingHost": HOST,
        "server.httpIncomingPort": engine.http_port,
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.saltIterations": HASH_ROUNDS,
        "server.httpWorkerThreads": 4,
        "server.httpBodyContentMaxSize": -1,  # a rebuild is one request, however large the graph
        "bolt.host": HOST,
        "bolt.port": engine.bolt_port,
        "bolt.maxMessageSize": MESSAGE_BYTES_MAX,
        "bolt.packstream.maxValueLength": MESSAGE_BYTES_MAX,
        "command.timeout": STATEMENT_TIMEOUT_S * 1000,
        "maxPageRAM": max(64, engine.heap_mb // 4),
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
        "serverMetrics": "false",
        "support.autoRegister": "false",
    }
    return [
        f"-Xmx{engine.heap_mb}m",
        f"-XX:MaxDirectMemorySize={max(64, engine.heap_mb // 4)}m",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        f"-XX:ErrorFile={engine.folder / 'log' / 'crash-%p.log'}",
        f"-Djava.io.tmpdir={engine.folder / 'tmp'}",
        f"-Djava.util.logging.config.file={engine.folder / 'config' / 'logging.properties'}",
        *("--add-opens", "java.base/java.nio=ALL-UNNAMED"),
        *("--add-opens", "java.base/java.nio.channels.spi=ALL-UNNAMED"),
        *("--add-exports", "java.management/sun.management=ALL-UNNAMED"),
        *("--add-modules", "jdk.incubator.vector"),
        "--enable-native-access=ALL-UNNAMED",
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        *("-cp", str(wheel / "jars" / "*")),
    ]


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _free_ports(count: int) -> list[int]:
    chosen = (port for port in random.sample(PORTS, len(PORTS)) if _is_free(port))
    ports = list(islice(chosen, count))
    if len(ports) < count:
        raise StoreUnavailable(f"no free port from {PORTS.start} to {PORTS.stop} for the graph engine")
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
