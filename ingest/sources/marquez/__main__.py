"""`python -m ingest.sources.marquez`: the follower as a process of its own, kept by `headwater serve`.

The address comes by HEADWATER_FOLLOW and the password by HEADWATER_MARQUEZ_PASSWORD, never by the command line.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.sources.child import follow
from ingest.sources.marquez.address import Address, address_of
from ingest.sources.marquez.follow import Follower
from ingest.sources.marquez.kept import locked


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
    asyncio.run(follow_table(arguments.home, address, timeout_s=arguments.timeout_s))
    return 0


async def follow_table(home: Path, address: Address, *, timeout_s: float) -> None:
    """Follow one Marquez's table until SIGTERM or SIGINT."""

    async def read(journal: Journal, stop: asyncio.Event) -> None:
        await Follower(home, journal, address, timeout_s=timeout_s).run(stop)

    await follow(home, lambda: locked(home), read)


if __name__ == "__main__":
    sys.exit(main())
