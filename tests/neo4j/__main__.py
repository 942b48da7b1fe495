"""`python -m tests.neo4j`: fetch the Neo4j lines that Headwater is tried on, or run one for a developer."""

from __future__ import annotations

import argparse
import dataclasses
import secrets
import signal
import sys
from pathlib import Path

from app.engine.arcadedb import _is_free
from tests.neo4j.jars import LINES, Line, Missing, cache_folder, fetch, line_of
from tests.neo4j.server import DATABASE, USER, Neo4j, plan, started

PORT = 7687


def main() -> int:
    """Do what the command line says; what is missing is told in a sentence."""
    parser = argparse.ArgumentParser(prog="python -m tests.neo4j", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch", help="bring the jars, and a Java where there is none")
    fetching.add_argument("versions", nargs="*", default=list(LINES))
    running = commands.add_parser("run", help="run one in the foreground, until Ctrl-C")
    running.add_argument("version", nargs="?", default="5.26")
    running.add_argument("--heap-mb", type=int, default=1024)
    arguments = parser.parse_args()
    try:
        if arguments.command == "fetch":
            for version in arguments.versions:
                fetch(line_of(version))
        else:
            _run(line_of(arguments.version), arguments.heap_mb)
    except Missing as missing:
        sys.stderr.write(f"{missing}\n")
        return 3
    return 0


def _run(line: Line, heap_mb: int) -> None:
    fetch(line)
    folder = cache_folder() / line.version / "developer"
    folder.mkdir(parents=True, exist_ok=True)
    planned = plan(line, folder, heap_mb=heap_mb)
    server = dataclasses.replace(
        planned,
        port=PORT if _is_free(PORT) else planned.port,
        password=_password(folder / "password"),
        jvm=("-XX:+UseG1GC",),
    )
    with started(server):
        _tell(server)
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.stderr.write("\nstopping\n")


def _password(file: Path) -> str:
    """Keep one password between runs: the data is kept, too."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(12))
    return file.read_text()


def _tell(server: Neo4j) -> None:
    sys.stdout.write(
        f"Neo4j {server.line.version} answers at {server.uri}, database {DATABASE}; Ctrl-C ends it.\n"
        f"It keeps its data in {server.folder}\n\n"
        f"  export HEADWATER_GRAPH_USER={USER} HEADWATER_GRAPH_PASSWORD={server.password}\n"
        f"  headwater serve --graph {server.uri}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
