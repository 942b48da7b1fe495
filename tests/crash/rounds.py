"""How is a server killed while events come in? Posting, and the four kinds of kill."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.demo.scratch import Server, kill_group
from bench import processes
from bench.wire import Connection

GONE_S = 20.0


@dataclass
class Posted:
    """What became of the events of one round."""

    acknowledged: list[bytes] = field(default_factory=list)
    unanswered: list[bytes] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def kill_serve(server: Server) -> None:
    server.process.kill()
    server.process.wait()


def kill_child(server: Server, name: str) -> None:
    """Kill the engine or the projector; between two of its lives there may be none to kill."""
    deadline = time.monotonic() + GONE_S
    while time.monotonic() < deadline:
        found = [process for process in processes.tree(server.process.pid) if process.name == name]
        if found:
            os.kill(found[0].pid, signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError(f"no {name} below serve: {processes.tree(server.process.pid)}")


KILLS: dict[str, Callable[[Server], None]] = {
    "projector": lambda server: kill_child(server, "projector"),
    "engine": lambda server: kill_child(server, "engine"),
    "serve": kill_serve,
    "group": kill_group,
}
ENDS_THE_SERVER = frozenset({"serve", "group"})


def post_and_kill(server: Server, bodies: list[bytes], *, kill: str, after: int) -> Posted:
    """Post the bodies over four connections, and kill once `after` of them were acknowledged."""
    return asyncio.run(_post_and_kill(server, bodies, kill, after))


async def _post(connection: Connection, body: bytes, posted: Posted) -> None:
    try:
        answer = await connection.post("/api/v1/lineage", body)
    except (OSError, EOFError):
        posted.unanswered.append(body)
        await connection.aclose()
        return
    if answer.status in {200, 201}:
        posted.acknowledged.append(body)
    else:
        posted.unanswered.append(body)
        posted.refused.append(answer.status)


async def _post_and_kill(server: Server, bodies: list[bytes], kill: str, after: int) -> Posted:
    posted, waiting = Posted(), iter(bodies)
    killed = False

    async def work() -> None:
        nonlocal killed
        async with Connection(server.url) as connection:
            for body in waiting:
                await _post(connection, body, posted)
                if not killed and len(posted.acknowledged) >= after:
                    killed = True
                    await asyncio.to_thread(KILLS[kill], server)

    await asyncio.gather(*(work() for _ in range(4)))
    return posted


def wait_gone(pids: set[int], home: str) -> None:
    """Wait until none of the processes is left, nor any other that works on this home."""
    deadline = time.monotonic() + GONE_S
    left: list[tuple[int, str]] = []
    while time.monotonic() < deadline:
        left = [entry for entry in processes.mentioning(home) if entry[0] != os.getpid()]
        if not left and not any(alive(pid) for pid in pids):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there after {GONE_S:.0f} s: {left or pids}")


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not waited for does not count."""
    return any(process.pid == pid and process.rss_mb > 0 for process in processes.tree(pid))
