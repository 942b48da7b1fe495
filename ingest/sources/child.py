"""How does one process after another read a source into a home, never two at once?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Final

from ingest.cycles import look_seldom
from ingest.journal import Journal
from ingest.sources.faults import AlreadyFollowing
from ingest.stopping import taken, told_to_stop

ASK_AGAIN_S: Final = 1.0
BUSY_TIMEOUT_S: Final = 30.0
"""The door comes first: a source waits longer for the journal than anybody who posts."""


@contextmanager
def place_in(home: Path, lock: str, what: str) -> Iterator[None]:
    """Hold a source's place in a home for the length of a block.

    Raises AlreadyFollowing: `what` another process does already, and perhaps what it can be asked for.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(home / lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not taken(opened):
            does, semicolon, more = what.partition("; ")
            raise AlreadyFollowing(
                f"a process {does} into {home} already, see `headwater status`{semicolon}{more}",
                home=str(home),
            )
        yield
    finally:
        os.close(opened)


@contextmanager
def journal_in(home: Path) -> Iterator[Journal]:
    """Open the journal of a home, as a source that is in nobody's way."""
    with closing(Journal.open(home / "journal.sqlite", busy_timeout_s=BUSY_TIMEOUT_S)) as journal:
        yield journal


async def follow(
    home: Path,
    place: Callable[[], AbstractContextManager[None]],
    read: Callable[[Journal, asyncio.Event], Awaitable[None]],
) -> None:
    """Read until SIGTERM or SIGINT; while another process has the place, wait for it."""
    look_seldom()
    stop = told_to_stop()
    while not stop.is_set():
        try:
            with place(), journal_in(home) as journal:
                await read(journal, stop)
        except AlreadyFollowing:
            await asyncio.sleep(ASK_AGAIN_S)
