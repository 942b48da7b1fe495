"""Is a child kept running, and is the home held by one server at a time?"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app import lock
from app.supervise import Child, kept, until_up
from graph_schema.errors import StoreUnavailable

SLEEPER = "import time; time.sleep(600)"
LOCKER = (
    "import sys, time; from pathlib import Path; from app import lock\n"
    "with lock.held(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
)


def child_of(tmp_path: Path, program: str = SLEEPER, **further: object) -> Child:
    return Child(
        "sleeper",
        command=lambda: [sys.executable, "-c", program],
        pid_file=tmp_path / "run" / "sleeper.pid",
        output=tmp_path / "sleeper.log",
        **further,  # type: ignore[arg-type]
    )


async def until(holds: Callable[[], bool], *, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def run(work: Awaitable[None]) -> None:
    async def whole() -> None:
        await work

    asyncio.run(whole())


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    """Killed, it is back after a short pause, and the restart is told."""
    told: list[str] = []

    async def work() -> None:
        child = child_of(tmp_path)
        async with kept(child, on_restart=told.append):
            await until(lambda: child.status()["pid"] is not None)
            first = child.status()["pid"]
            os.kill(first, signal.SIGKILL)
            await until(lambda: child.restarts == 1 and child.status()["pid"] not in {None, first})
            second = child.status()["pid"]
            assert child.status()["state"] == "running"
        assert child.status()["state"] == "stopped"
        await until(lambda: not is_alive(second))

    run(work())
    assert told == ["sleeper"]


def test_why_it_ended_is_told_where_that_is_known(tmp_path: Path) -> None:
    """Its last words are read before it is started again, and stay with its status."""

    async def work() -> None:
        child = child_of(tmp_path)
        child.explains = lambda: "it was asked for too much"
        assert "why" not in child.status()
        async with kept(child):
            await until(lambda: child.status()["pid"] is not None)
            os.kill(child.status()["pid"], signal.SIGKILL)
            await until(lambda: child.restarts == 1)
            assert child.status()["why"] == "it was asked for too much"

    run(work())


def test_pauses_grow(tmp_path: Path) -> None:
    """A child that dies at once is not started in a tight loop."""

    async def work() -> None:
        child = child_of(tmp_path, "raise SystemExit(1)")
        async with kept(child):
            await asyncio.sleep(1.6)
            assert 2 <= child.restarts <= 4

    run(work())


def test_a_child_that_never_starts_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Whoever waits for the first start learns why there is none."""

    async def work() -> None:
        async def answers() -> bool:
            return False

        child = child_of(tmp_path, "raise SystemExit('no such heap')", answers=answers)
        async with kept(child):
            with pytest.raises(StoreUnavailable, match="no such heap"):
                await until_up(child, timeout_s=10)

    run(work())


def test_running_means_answering(tmp_path: Path) -> None:
    """A child with a question to answer is `starting` until it does."""

    async def work() -> None:
        ready = asyncio.Event()

        async def answers() -> bool:
            return ready.is_set()

        child = child_of(tmp_path, answers=answers)
        async with kept(child):
            await until(lambda: child.status()["pid"] is not None)
            assert child.status()["state"] == "starting"
            ready.set()
            await until_up(child, timeout_s=5)
            assert child.status()["state"] == "running"

    run(work())


def test_a_child_that_never_answers_is_started_again(tmp_path: Path) -> None:
    """A process that lives and cannot be used is no use: it is ended after its time, and started anew."""

    async def work() -> None:
        async def answers() -> bool:
            return child.restarts > 0

        child = child_of(tmp_path, answers=answers, answers_within_s=0.5)
        async with kept(child):
            await until_up(child, timeout_s=10)
            assert child.restarts == 1

    run(work())


def test_the_environment_reaches_the_child_alone(tmp_path: Path) -> None:
    """A password goes by the environment: no command line has it."""

    async def work() -> None:
        program = (
            f"import os, pathlib; pathlib.Path({str(tmp_path / 'seen')!r}).write_text(os.environ['SECRET'])"
        )
        child = child_of(tmp_path, program, env={"SECRET": "sesame"})
        async with kept(child):
            await until(lambda: (tmp_path / "seen").exists() and bool((tmp_path / "seen").read_text()))
        assert (tmp_path / "seen").read_text() == "sesame"
        assert "sesame" not in repr(child)
        assert "SECRET" not in os.environ

    run(work())


def test_a_home_is_held_once(tmp_path: Path) -> None:
    """A second server waits for the first, says for whom, and gives up; the first one killed, it goes on."""
    with subprocess.Popen([sys.executable, "-c", LOCKER, str(tmp_path)], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(lock.HomeInUse, match=str(first.pid)), lock.held(tmp_path, wait_s=0.2):
            pass
        first.kill()
        with lock.held(tmp_path, wait_s=5):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_home_is_held_until_the_last_child_has_ended(tmp_path: Path) -> None:
    """The leash of a child holds the lock as well, so that a new server never meets the old one's engine."""

    async def work() -> None:
        with lock.held(tmp_path / "home") as held:
            child = child_of(tmp_path, held=(held,))
            keeping = kept(child)
            await keeping.__aenter__()
            await until(lambda: child.status()["pid"] is not None)
        with pytest.raises(lock.HomeInUse), lock.held(tmp_path / "home", wait_s=0.1):
            pass
        await keeping.__aexit__(None, None, None)
        with lock.held(tmp_path / "home", wait_s=0.1):
            pass

    run(work())
