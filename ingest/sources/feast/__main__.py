"""`python -m ingest.sources.feast`: reading a registry as a process of its own, kept by `headwater serve`.

Address, token and names come by HEADWATER_FEAST and its neighbours, never by the command line.
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
from ingest.sources.feast.asking import access_of
from ingest.sources.feast.follow import Follower, Reading
from ingest.sources.feast.kept import locked
from ingest.sources.feast.places import aliases_of


def main() -> int:
    """Follow until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest.sources.feast", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--timeout-s", type=float, default=30.0, help="longest time one answer may take")
    parser.add_argument("--pause-s", type=float, default=10.0, help="time between two looks")
    parser.add_argument("--ca-file", type=Path, help="certificates to trust")
    arguments = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    access = access_of(
        os.environ.get("HEADWATER_FEAST", ""),
        token=os.environ.get("HEADWATER_FEAST_TOKEN", ""),
        timeout_s=arguments.timeout_s,
        ca_file=arguments.ca_file,
    )
    aliases = aliases_of(os.environ.get("HEADWATER_FEAST_ALIASES", "").split())
    reading = Reading(access, os.environ.get("HEADWATER_FEAST_NAMESPACE", ""), aliases, arguments.pause_s)
    home = arguments.home

    async def read(journal: Journal, stop: asyncio.Event) -> None:
        await Follower(home, journal, reading).run(stop)

    asyncio.run(follow(home, lambda: locked(home), read))
    return 0


if __name__ == "__main__":
    sys.exit(main())
