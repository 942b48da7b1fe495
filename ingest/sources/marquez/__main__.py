"""`python -m ingest.sources.marquez`: the follower as a process of its own, kept by `headwater serve`.

The address comes by HEADWATER_FOLLOW and the password by HEADWATER_MARQUEZ_PASSWORD, never by the command line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from ingest.cycles import look_seldom
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.sources.marquez.address import Address, address_of
from ingest.sources.marquez.faults import AlreadyFollowing
from ingest.sources.marquez.follow import Follower
from ingest.sources.marquez.kept import locked
from ingest.stopping import told_to_stop

ASK_AGAIN_S: Final = 1.0
BUSY_TIMEOUT_S: Final = 30.0
"""The door comes first: a follower waits longer for the journal than anybody who posts."""


def main() -> int:
    """Follow until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest.sources.marquez", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--timeout-s", type=float, default=60.0, help="longest time one question may take")
    arguments = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    address = address_of(
        os.environ.get("HEADWATER_FOLLOW", ""), os.environ.get("HEADWATER_MARQUEZ_PASSWORD", "")
    )
    asyncio.run(follow(arguments.home, address, timeout_s=arguments.timeout_s))
    return 0


async def follow(home: Path, address: Address, *, timeout_s: float) -> None:
    """Follow until SIGTERM or SIGINT; while another process follows into this home, wait for its place."""
    look_seldom()
    stop = told_to_stop()
    while not stop.is_set():
        try:
            with (
                locked(home),
                closing(Journal.open(home / "journal.sqlite", busy_timeout_s=BUSY_TIMEOUT_S)) as journal,
            ):
                await Follower(home, journal, address, timeout_s=timeout_s).run(stop)
        except AlreadyFollowing:
            await asyncio.sleep(ASK_AGAIN_S)


if __name__ == "__main__":
    sys.exit(main())
