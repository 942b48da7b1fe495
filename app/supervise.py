"""Are the children running, and what happens when one of them dies?

Each child is an asyncio task that starts it, waits until it answers, and starts it again when it ends, after
a pause that grows. Cancelling the task ends the child. Children run on a leash (`app/engine/leash.py`), so
they end even when this process is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from graph_schema import instants
from graph_schema.errors import StoreUnavailable

log = structlog.get_logger()

LEASH: Final = Path(__file__).parent / "engine" / "leash.py"
PAUSE_FIRST_S: Final = 0.2
PAUSE_LONGEST_S: Final = 10.0
HEALTHY_S: Final = 30.0
"""A child that ran as long as this begins anew with the shortest pause."""

GRACE_S: Final = 8.0
"""Time between asking a child to end and killing it; `STOP_S` leaves its leash two seconds more."""

STOP_S: Final = 10.0
ASK_EVERY_S: Final = 0.1
FIRST_STARTS_MAX: Final = 3
OUTPUT_BYTES_MAX: Final = 4 * 1024 * 1024
TAIL_BYTES: Final = 2000


@dataclass(slots=True, eq=False)
class Child:
    """A process to keep running, and how it is now.

    `command` is asked for at each start; `answers` tells when the process can be used, and one that cannot
    within `answers_within_s` is started again; `folder` is where it works, None for where this process does;
    `output` is a file, None for this process's standard error; `held` are open files that the leash keeps,
    such as a lock; `niceness` is how far it stands back when processors are short; `explains` tells from what it left
    behind why it ended, where that is known, and `why` is what it said last.
    """

    name: str
    command: Callable[[], Sequence[str]]
    pid_file: Path
    answers: Callable[[], Awaitable[bool]] | None = None
    answers_within_s: float = 120.0
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    output: Path | None = None
    held: tuple[int, ...] = ()
    niceness: int = 0
    explains: Callable[[], str | None] = lambda: None
    why: str | None = None
    state: str = "starting"
    since: str = field(default_factory=instants.now)
    restarts: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)

    def status(self) -> dict[str, Any]:
        """Say how the child is."""
        told = {"state": self.state, "since": self.since, "restarts": self.restarts, "pid": self._pid()}
        return told if self.why is None else {**told, "why": self.why}

    def become(self, state: str) -> None:
        """Take note of a new state."""
        self.state, self.since = state, instants.now()
        if state == "running":
            self.up.set()
        else:
            self.up.clear()

    def _pid(self) -> int | None:
        try:
            return int(self.pid_file.read_text())
        except (OSError, ValueError):
            return None


@asynccontextmanager
async def kept(child: Child, *, on_restart: Callable[[str], None] | None = None) -> AsyncIterator[Child]:
    """Keep a child running for the length of a block; `until_up` waits until it answers."""
    task = asyncio.create_task(_keep(child, on_restart), name=f"keep {child.name}")
    try:
        yield child
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        child.become("stopped")


async def until_up(child: Child, *, timeout_s: float) -> None:
    """Wait until a child answers for the first time; raises StoreUnavailable with its last words."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while child.restarts < FIRST_STARTS_MAX and loop.time() < end:
        if child.up.is_set():
            return
        await asyncio.sleep(ASK_EVERY_S)
    where = f"; see {child.output}" if child.output else ""
    raise StoreUnavailable(f"the {child.name} did not start{where}\n{_tail(child.output)}".rstrip())


async def _keep(child: Child, on_restart: Callable[[str], None] | None) -> None:
    loop = asyncio.get_running_loop()
    pause_s = PAUSE_FIRST_S
    while True:
        began = loop.time()
        code = await _live(child)
        if loop.time() - began > HEALTHY_S:
            pause_s = PAUSE_FIRST_S
        child.restarts += 1
        child.why = child.explains()
        child.become("restarting")
        log.warning(
            "a child ended and is started again", child=child.name, code=code, why=child.why, pause_s=pause_s
        )
        if on_restart is not None:
            on_restart(child.name)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)


async def run_once(child: Child) -> int:
    """Run a child to its end, and give its exit code; cancelled, it ends the child."""
    code = await _live(child)
    child.become("stopped")
    return code


async def _live(child: Child) -> int:
    """Run the child once, from start to end; cancelled, it ends the child."""
    child.become("starting")
    process, tether = await _start(child)
    asking = asyncio.create_task(_until_answers(child, process))
    try:
        return await process.wait()
    finally:
        asking.cancel()
        if process.returncode is None:
            await _stop(process)
        os.close(tether)
        with suppress(asyncio.CancelledError):
            await asking


async def _start(child: Child) -> tuple[asyncio.subprocess.Process, int]:
    order = {
        "command": list(child.command()),
        "folder": str(child.folder) if child.folder else None,
        "pid_file": str(child.pid_file.absolute()),
        "grace_s": GRACE_S,
        "niceness": child.niceness,
    }
    child.pid_file.parent.mkdir(parents=True, exist_ok=True)
    child.pid_file.unlink(missing_ok=True)
    held_end, tether = os.pipe()
    output = _output(child.output)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(LEASH), child.name),
            stdin=held_end,
            stdout=output,
            stderr=output,
            env={**os.environ, **child.env},
            pass_fds=child.held,
        )
    except BaseException:
        os.close(tether)
        raise
    finally:
        os.close(held_end)
        if child.output is not None:
            os.close(output)
    os.write(tether, json.dumps(order).encode() + b"\n")
    return process, tether


async def _until_answers(child: Child, process: asyncio.subprocess.Process) -> None:
    # A Java program whose main thread failed goes on living: ArcadeDB does when its port was taken meanwhile.
    try:
        async with asyncio.timeout(child.answers_within_s):
            while child.answers and not await child.answers():  # noqa: ASYNC110 - another process sends no event
                await asyncio.sleep(ASK_EVERY_S)
    except TimeoutError:
        log.warning("a child does not answer and is ended", child=child.name, waited_s=child.answers_within_s)
        await _stop(process)
        return
    child.become("running")
    log.info("a child is running", child=child.name)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _output(path: Path | None) -> int:
    if path is None:
        return sys.stderr.fileno()
    path.parent.mkdir(parents=True, exist_ok=True)
    full = path.exists() and path.stat().st_size > OUTPUT_BYTES_MAX
    return os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if full else os.O_APPEND), 0o600)


def _tail(path: Path | None) -> str:
    if path is None or not path.exists():
        return ""
    return path.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
