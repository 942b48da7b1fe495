"""`python -m ingest.forward`: the forwarder as its own process, so that a slow receiver never slows the door.

The receiver's key comes by HEADWATER_FORWARD_API_KEY, never by the command line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from graph_schema.errors import LineageError
from ingest.cycles import look_seldom
from ingest.forward.forwarder import Forwarder, Sending
from ingest.forward.pace import Pace
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.standing import tell
from ingest.stopping import taken, told_to_stop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAME: Final = "forward"
LOCK: Final = "forward.lock"
LOCK_EVERY_S: Final = 0.2

log = structlog.get_logger("forward")


def main() -> int:
    """Parse the arguments and forward until told to stop."""
    defaults, pace = Sending(url=""), Pace()
    parser = argparse.ArgumentParser(prog="python -m ingest.forward", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--url", required=True, help="address of the receiver, such as http://marquez:5000")
    parser.add_argument(
        "--begin", choices=("first", "new"), default="first", help="where a new receiver begins"
    )
    parser.add_argument("--connections", type=int, default=defaults.connections, help="requests at once")
    parser.add_argument(
        "--timeout-s", type=float, default=defaults.timeout_s, help="longest time of one request"
    )
    parser.add_argument(
        "--pause-longest-s", type=float, default=pace.pause_longest_s, help="between two tries"
    )
    parser.add_argument(
        "--tries-max", type=int, default=pace.tries_max, help="failures until one is given up"
    )
    parser.add_argument("--tries-s", type=float, default=pace.tries_s, help="time until one is given up")
    parser.add_argument("--ca-file", type=Path, help="certificates to trust at an https:// address")
    given = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    sending = Sending(
        url=given.url,
        api_key=os.environ.get("HEADWATER_FORWARD_API_KEY", ""),
        first=given.begin == "first",
        connections=given.connections,
        timeout_s=given.timeout_s,
        ca_file=given.ca_file,
        pace=Pace(pause_longest_s=given.pause_longest_s, tries_max=given.tries_max, tries_s=given.tries_s),
    )
    try:
        asyncio.run(forward(given.home, sending))
    except LineageError as error:
        log.error("cannot forward", code=error.code, message=error.message)  # noqa: TRY400 - no trace is needed
        return 3
    return 0


async def forward(home: Path, sending: Sending) -> None:
    """Forward until SIGTERM or SIGINT; raises BadInput and JournalUnavailable where it cannot begin."""
    look_seldom()
    stop = told_to_stop()
    with closing(Journal.open(home / "journal.sqlite", read_only=True)) as journal:
        async with _alone(home, stop) as alone:
            if alone:
                await Forwarder(journal, home, sending, partial(tell, home, NAME)).run(stop)


@asynccontextmanager
async def _alone(home: Path, stop: asyncio.Event) -> AsyncIterator[bool]:
    """Wait until no other process forwards from this home; False when told to stop before that."""
    opened = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not (mine := taken(opened)) and not stop.is_set():  # noqa: ASYNC110 - another process sends no event
            await asyncio.sleep(LOCK_EVERY_S)
        yield mine
    finally:
        os.close(opened)


if __name__ == "__main__":
    sys.exit(main())
