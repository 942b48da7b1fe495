"""How does a test talk to a real server? `server` starts one; the rest asks it the way a script would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import COMMAND, Server, serving, wait_ready

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run `headwater serve` on an empty home for the tests of one module."""
    with serving(tmp_path_factory.mktemp("headwater") / "home") as running:
        yield running


def ask(server: Server, direction: str, key: str, **query: str | int) -> Json:
    """Ask /api/v1/graph/{direction} once everything accepted is in the graph."""
    wait_ready(server)
    answer = httpx.get(f"{server.url}/api/v1/graph/{direction}", params={"key": key, **query}, timeout=30)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def arrows(answer: Json) -> set[tuple[str, str]]:
    """Give the edges of a lineage answer as (source, target)."""
    return {(edge["source"], edge["target"]) for edge in answer["edges"]}


def export(server: Server) -> list[Json]:
    """Give every row of the graph, once everything accepted is in it."""
    wait_ready(server)
    answer = httpx.get(f"{server.url}/api/v1/export", timeout=120)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def canonical_rows(rows: Iterable[Json]) -> set[str]:
    """Make rows comparable as a set."""
    return {json.dumps(row, sort_keys=True) for row in rows}


def headwater(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would; `env` is added to the environment."""
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
