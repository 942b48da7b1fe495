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
from pathlib import Path

from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.sources.child import follow
from ingest.sources.mlflow.address import address_of
from ingest.sources.mlflow.ledger import locked
from ingest.sources.mlflow.poll import Poller


def main() -> int:
    """Poll until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest.sources.mlflow", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--every-s", type=float, default=10.0, help="pause between two looks")
    arguments = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    address = address_of(**json.loads(os.environ["HEADWATER_MLFLOW_ADDRESS"]))
    home = arguments.home

    async def read(journal: Journal, stop: asyncio.Event) -> None:
        await Poller(home, journal, address).run(stop, every_s=arguments.every_s)

    asyncio.run(follow(home, lambda: locked(home, address.place.namespace), read))
    return 0


if __name__ == "__main__":
    sys.exit(main())
