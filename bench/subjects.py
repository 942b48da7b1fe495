"""What is measured? A server of ours on an engine, each started anew with nothing in it.

Neo4j is one that the tests start (`make neo4j-fetch` brings it), with the memory and the compiler it has by default.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from app.demo.scratch import COMMAND, Server, serving
from bench import processes
from bench.targets import EMBEDDED, NEO4J
from tests.neo4j import server as neo4j_server
from tests.neo4j.jars import LINES, is_here

ENGINES: Final = (EMBEDDED, *(f"{NEO4J}-{line}" for line in LINES))


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: its name, what tells a server of ours to use it, and its process where that is not a child of ours."""

    name: str
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A running server on an engine."""

    url: str
    roots: tuple[int, ...]

    def processes(self) -> list[processes.Process]:
        """List the processes of the server and its engine."""
        return [process for root in self.roots for process in processes.tree(root)]

    def cpu_s(self) -> dict[str, float]:
        """Give the CPU seconds used so far by each kind of process."""
        used: dict[str, float] = {}
        for process in self.processes():
            used[process.name] = used.get(process.name, 0.0) + process.cpu_s
        return used


def there(names: list[str]) -> list[str]:
    """Leave out the engines that are not on this machine."""
    return [name for name in names if name == EMBEDDED or is_here(LINES[name.partition("-")[2]])]


@contextmanager
def engine(name: str, folder: Path, *, heap_mb: int) -> Iterator[Engine]:
    """Run an engine with nothing in it; the embedded one is started by whoever uses it."""
    memory = {"HEADWATER_ENGINE_HEAP_MB": str(heap_mb)}
    if name == EMBEDDED:
        yield Engine(name, memory)
        return
    settings = {"server.memory.pagecache.size": f"{heap_mb // 2}m"}
    planned = neo4j_server.plan(LINES[name.partition("-")[2]], folder, heap_mb=heap_mb, settings=settings)
    with neo4j_server.started(replace(planned, jvm=("-XX:+UseG1GC",))) as leash:
        yield Engine(
            name,
            {
                "HEADWATER_GRAPH": planned.uri,
                "HEADWATER_GRAPH_USER": neo4j_server.USER,
                "HEADWATER_GRAPH_PASSWORD": planned.password,
            },
            leash.pid,
        )


@contextmanager
def server(home: Path, on: Engine) -> Iterator[Subject]:
    """Run a server of ours on an engine."""
    with serving(home, env=on.env) as started:
        yield Subject(started.url, _roots(started, on))


def _roots(started: Server, on: Engine) -> tuple[int, ...]:
    return (started.process.pid, *((on.pid,) if on.pid is not None else ()))


def command(*words: str, on: Engine) -> tuple[Any, float]:
    """Run a command of ours on an engine; give what it says as JSON, and the seconds it took."""
    begin = time.perf_counter()
    done = subprocess.run(
        [COMMAND, *words, "--json"], capture_output=True, text=True, check=False, env={**os.environ, **on.env}
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout), time.perf_counter() - begin
