"""How is a follower run by a test: in this process for some time, or as a process of its own?"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from ingest import canonical
from ingest.journal import Journal
from ingest.sources.marquez.address import address_of
from ingest.sources.marquez.follow import Follower
from ingest.sources.marquez.kept import locked
from ingest.standing import told

PATIENCE_S: Final = 60.0


def opened(home: Path, *, read_only: bool = False) -> Journal:
    home.mkdir(exist_ok=True, parents=True)
    return Journal.open(home / "journal.sqlite", read_only=read_only, busy_timeout_s=30)


def follow_once(home: Path, address: str) -> Follower:
    """Read all that there is, in this process."""
    with locked(home), closing(opened(home)) as journal:
        follower = Follower(home, journal, address_of(address))
        asyncio.run(follower.run(asyncio.Event(), once=True, patience_s=30))
    return follower


@contextmanager
def following(home: Path, address: str, *, timeout_s: float = 60.0) -> Iterator[Follower]:
    """Follow in a thread for the length of a block."""
    stop, loop = asyncio.Event(), asyncio.new_event_loop()
    with locked(home), closing(opened(home)) as journal:
        follower = Follower(home, journal, address_of(address), timeout_s=timeout_s)
        failed: list[BaseException] = []

        def run() -> None:
            try:
                loop.run_until_complete(follower.run(stop))
            except BaseException as error:  # noqa: BLE001 - raised again below
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield follower
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(PATIENCE_S)
            loop.close()
        assert not failed, failed


@contextmanager
def follower_process(home: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """Follow in a process of its own, as `serve` keeps one."""
    log = home.with_name(f"{home.name}.follower.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.sources.marquez", "--home", str(home)],
            env={**os.environ, "HEADWATER_FOLLOW": address}, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], object], *, timeout_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it does not become so"
        time.sleep(0.05)


def standing(home: Path) -> dict[str, Any]:
    """Give what the follower last said of itself."""
    return told(home, "follow") or {}


def events_of(home: Path) -> list[dict[str, Any]]:
    """Give the canonical events of a home's journal, in order."""
    with closing(opened(home, read_only=True)) as journal:
        return [canonical.canonical(canonical.parse(one.body)) for one in journal.read_after(0, 1_000_000)]


def digests_of(home: Path) -> list[bytes]:
    """Give the events of a home's journal by their hashes, in order."""
    with closing(opened(home, read_only=True)) as journal:
        return [one.digest or b"" for one in journal.read_after(0, 1_000_000)]


def rejected_of(home: Path) -> list[bytes]:
    """Give the bodies that were refused, in order."""
    with closing(opened(home, read_only=True)) as journal:
        return [one.body for one in journal.read_after(0, 1_000_000, kind="rejected")]


def digest(event: Any) -> bytes:
    """Give the hash of an event as it was posted."""
    return canonical.digest(canonical.canonical(json.loads(json.dumps(event))))
