"""May this process use the home folder, or is another one still at work in it?

The lock is an flock, so it ends with the processes that hold it, however they end. `serve` hands the open
file to the leashes of its children: a new `serve` waits until the old one's children have ended, too.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from graph_schema.errors import LineageError

WAIT_S: Final = 30.0
SAY_AFTER_S: Final = 1.0
TRY_EVERY_S: Final = 0.05


class HomeInUse(LineageError):
    """Another Headwater uses this home folder."""

    code = "HOME_IN_USE"


@contextmanager
def held(home: Path, *, wait_s: float = WAIT_S) -> Iterator[int]:
    """Hold a home folder for the length of a block; gives the open file. Raises HomeInUse after `wait_s`."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "lock"
    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(opened, path, wait_s=wait_s)
        os.ftruncate(opened, 0)
        os.pwrite(opened, f"{os.getpid()}\n".encode(), 0)
        yield opened
    finally:
        os.close(opened)


def _wait(opened: int, path: Path, *, wait_s: float) -> None:
    began = time.monotonic()
    said = False
    while not _taken(opened):
        waited_s = time.monotonic() - began
        who = f"process {_holder(opened)}, which uses {path.parent}"
        if waited_s > wait_s:
            raise HomeInUse(f"waited for {who}; stop it, or choose another --home", home=str(path.parent))
        if waited_s > SAY_AFTER_S and not said:
            said = True
            sys.stderr.write(f"waiting for {who}\n")
        time.sleep(TRY_EVERY_S)


def _taken(opened: int) -> bool:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(opened: int) -> str:
    return os.pread(opened, 32, 0).decode().strip() or "?"
