"""`python -m ingest.sources.mlflow`: the poller as a process of its own, kept by `headwater serve`.

How the server is reached comes by the environment, as JSON in HEADWATER_MLFLOW_ADDRESS, never by the command line: it may
hold a password.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from ingest.cycles import look_seldom
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.sources.mlflow.address import Address, address_of
from ingest.sources.mlflow.faults import AlreadyFollowing
from ingest.sources.mlflow.ledger import locked
from ingest.sources.mlflow.poll import Poller
from ingest.stopping import told_to_stop

ASK_AGAIN_S: Final = 1.0
BUSY_TIMEOUT_S: Final = 30.0
"""The door comes first: a poller waits longer for the journal than anybody who posts."""


def main() -> int:
    """Poll until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest.sources.mlflow", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--every-s", type=float, default=10.0, help="pause between two looks")
    arguments = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    address = address_of(**json.loads(os.environ["HEADWATER_MLFLOW_ADDRESS"]))
    asyncio.run(follow(arguments.home, address, every_s=arguments.every_s))
    return 0


async def follow(home: Path, address: Address, *, every_s: float) -> None:
    """Poll until SIGTERM or SIGINT; while another process polls this server into this home, wait for its place."""
    look_seldom()
    stop = told_to_stop()
    while not stop.is_set():
        try:
            with (
                locked(home, address.place.namespace),
                closing(Journal.open(home / "journal.sqlite", busy_timeout_s=BUSY_TIMEOUT_S)) as journal,
            ):
                await Poller(home, journal, address).run(stop, every_s=every_s)
        except AlreadyFollowing:
            await asyncio.sleep(ASK_AGAIN_S)


if __name__ == "__main__":
    sys.exit(main())
