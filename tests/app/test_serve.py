"""Is a server put together and taken apart cleanly?"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.demo.scratch import COMMAND, free_port
from app.serve import run_serve
from app.settings import Settings, UnsafeSettings
from bench import processes
from tests.engine import Database
from tests.server import headwater

QUICK_S = 10.0


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `headwater serve` and see that nothing of it is left."""
    command = [COMMAND, "serve", "--home", str(home), *arguments]
    with (home.parent / "stderr").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    with process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)
    assert nothing_left(home)


def nothing_left(home: Path) -> bool:
    end = time.monotonic() + QUICK_S
    while time.monotonic() < end:
        if not processes.mentioning(str(home)):
            return True
        time.sleep(0.05)
    return False


def ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_server_says_where_it_is_and_ends_when_asked(tmp_path: Path) -> None:
    """One line with the address on standard output when ready; SIGTERM ends it and its children, with 0."""
    with served(tmp_path / "home", "--port", "0") as process:
        line = ready_line(process)
        url = line.split()[-1]
        state = httpx.get(f"{url}/readyz", timeout=QUICK_S).json()
        assert state["ready"]
        assert set(state["children"]) == {"engine", "projector"}
        process.terminate()
        rest, _ = process.communicate(timeout=30)
        assert rest == ""
        assert process.returncode == 0
    assert line == f"headwater is ready at {url}"
    assert nothing_left(tmp_path / "home")


def test_ctrl_c_while_starting_leaves_nothing_behind(tmp_path: Path) -> None:
    """A start can be broken off; the engine that was starting ends, too."""
    home = tmp_path / "home"
    with served(home, "--port", "0") as process:
        wait_for_engine(home)
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert rest == ""
        assert process.returncode == 0


def test_ctrl_c_is_no_failure_and_children_log_as_they_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C reaches the whole group and nothing is started again; at level warning a rebuild says nothing."""
    monkeypatch.setenv("HEADWATER_LOG_LEVEL", "warning")
    home = tmp_path / "home"
    with served(home, "--port", "0") as process:
        ready_line(process)
        assert headwater("rebuild", "--home", str(home)).returncode == 0
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert (tmp_path / "stderr").read_text() == ""


def test_killed_while_starting_leaves_nothing_behind(tmp_path: Path) -> None:
    """A kill -9 of serve alone ends its children; the next start waits for them and succeeds."""
    home = tmp_path / "home"
    with served(home, "--port", "0") as first:
        wait_for_engine(home)
        first.kill()
        with served(home, "--port", "0") as second:
            assert ready_line(second).startswith("headwater is ready at")


def wait_for_engine(home: Path) -> None:
    end = time.monotonic() + QUICK_S
    while not (home / "run" / "engine.pid").exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_taken_port_is_told_before_anything_is_started(tmp_path: Path) -> None:
    """No engine is started for an address that cannot be had; the exit code says unavailable."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = headwater("serve", "--home", str(tmp_path / "home"), "--port", port)
    assert ended.returncode == 3
    assert "choose another --port" in ended.stderr
    assert ended.stdout == ""
    assert not (tmp_path / "home" / "engine").exists()


def test_the_world_is_not_served_without_keys(tmp_path: Path) -> None:
    """A host beyond loopback is refused while auth is off, before anything is opened."""
    with pytest.raises(UnsafeSettings):
        run_serve(Settings(home=tmp_path / "home", host="0.0.0.0"))
    assert not (tmp_path / "home").exists()


def test_a_graph_elsewhere_needs_no_engine(
    tmp_path: Path, graph: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an address, serve starts no engine; the projector is its child still."""
    monkeypatch.setenv("HEADWATER_GRAPH_USER", graph.user)
    monkeypatch.setenv("HEADWATER_GRAPH_PASSWORD", graph.password)
    monkeypatch.setenv("HEADWATER_GRAPH_DATABASE", graph.name)
    with served(tmp_path / "home", "--port", str(free_port()), "--graph", graph.uri) as process:
        url = ready_line(process).split()[-1]
        assert set(httpx.get(f"{url}/readyz", timeout=QUICK_S).json()["children"]) == {"projector"}
        assert not (tmp_path / "home" / "engine").exists()
        for member in processes.tree(process.pid):
            line = Path(f"/proc/{member.pid}/cmdline").read_text()
            assert graph.password not in line
    assert asyncio.run(still_there(graph))


async def still_there(graph: Database) -> bool:
    store = await graph.open()
    try:
        await store.ping()
    finally:
        await store.aclose()
    return True
