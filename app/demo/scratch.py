"""How is a throw-away server started, waited for and stopped? For the demo, the benchmark and the tests.

The server runs as a user would start it: `headwater serve` in a process of its own.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

COMMAND: Final = str(Path(sys.executable).with_name("headwater"))
START_S: Final = 90.0
STOP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it answers, where it keeps things, and its process (leader of its group)."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return log_path(self.home).read_text(errors="replace")


def log_path(home: Path) -> Path:
    return home.with_name(home.name + ".log")


def free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    home: Path,
    *,
    port: int | None = None,
    arguments: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
) -> Server:
    """Start `headwater serve` on `home` and return at once; its output goes to HOME.log beside the home."""
    chosen = port or free_port()
    home.parent.mkdir(parents=True, exist_ok=True)
    with log_path(home).open("ab") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--home", str(home), "--port", str(chosen), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{chosen}", home, process)


def wait_ready(
    server: Server, *, timeout_s: float = START_S, ready: Callable[[str], bool] | None = None
) -> None:
    """Wait until the server is ready and the graph has caught up; raises TimeoutError or RuntimeError."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"serve ended with {server.process.returncode}:\n{server.log[-4000:]}")
        if (ready or is_ready)(server.url):
            return
        time.sleep(0.1)
    raise TimeoutError(f"serve was not ready within {timeout_s:.0f} s:\n{server.log[-4000:]}")


def is_listening(url: str) -> bool:
    """Ask /readyz: tell whether anybody answers, ready or not."""
    return _readyz(url) is not None


def is_ready(url: str) -> bool:
    """Ask /readyz: tell whether everything accepted is in the graph."""
    answer = _readyz(url)
    return answer is not None and answer.status_code == httpx.codes.OK and answer.json().get("lag") == 0


def is_up(url: str) -> bool:
    """Ask /readyz: tell whether the server takes events and answers questions, caught up or not."""
    answer = _readyz(url)
    return answer is not None and answer.status_code == httpx.codes.OK


def _readyz(url: str) -> httpx.Response | None:
    try:
        return httpx.get(f"{url}/readyz", timeout=5)
    except httpx.HTTPError:
        return None


def stop(server: Server, *, timeout_s: float = STOP_S) -> int:
    """Ask the server to end and wait; what is left of its group after that is killed. Gives its exit code."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
        try:
            server.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            kill_group(server)
    return server.process.wait()


def kill_group(server: Server) -> None:
    """Kill every process of the server's group at once, as the end of a machine would."""
    try:
        os.killpg(server.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    server.process.wait()


@contextmanager
def serving(
    home: Path,
    *arguments: str,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    until: Callable[[str], bool] | None = None,
) -> Iterator[Server]:
    """Run a server on `home` for the length of a block, which begins when it is ready, or `until` says so of its address.

    Further arguments go to `serve`.
    """
    server = start(home, port=port, arguments=arguments, env=env)
    try:
        wait_ready(server, ready=until)
        yield server
    except BaseException:
        sys.stderr.write(f"what serve said last, exit code {server.process.poll()}:\n{server.log[-4000:]}\n")
        raise
    finally:
        stop(server)
        kill_group(server)
