"""`python -m ingest.sources.gateway`: following a gateway's log as a process of its own, kept by `headwater serve`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.sources.child import follow
from ingest.sources.gateway.follow import Follower, Reading
from ingest.sources.gateway.kept import locked
from ingest.sources.gateway.lines import Names


def main() -> int:
    """Follow until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest.sources.gateway", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--log", type=Path, required=True, help="the gateway's access log")
    parser.add_argument("--namespace", required=True, help="how the gateway is named")
    parser.add_argument("--mlflow-namespace", required=True, help="how the MLflow behind it is named")
    arguments = parser.parse_args()
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    reading = Reading(arguments.log, Names(arguments.namespace, arguments.mlflow_namespace))
    home = arguments.home

    async def read(journal: Journal, stop: asyncio.Event) -> None:
        await Follower(home, journal, reading).run(stop)

    asyncio.run(follow(home, lambda: locked(home), read))
    return 0


if __name__ == "__main__":
    sys.exit(main())
