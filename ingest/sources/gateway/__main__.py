"""`python -m ingest.sources.gateway`: following a gateway's log as a process of its own, kept by `headwater serve`."""

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
from ingest.sources.gateway.follow import Follower, Reading
from ingest.sources.gateway.kept import locked
from ingest.sources.gateway.lines import Names
from ingest.sources.marquez.faults import AlreadyFollowing
from ingest.stopping import told_to_stop

ASK_AGAIN_S: Final = 1.0
BUSY_TIMEOUT_S: Final = 30.0
"""The door comes first: a source waits longer for the journal than anybody who posts."""


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
    asyncio.run(follow(arguments.home, reading))
    return 0


async def follow(home: Path, reading: Reading) -> None:
    """Follow until SIGTERM or SIGINT; while another process follows into this home, wait for its place."""
    look_seldom()
    stop = told_to_stop()
    while not stop.is_set():
        try:
            with (
                locked(home),
                closing(Journal.open(home / "journal.sqlite", busy_timeout_s=BUSY_TIMEOUT_S)) as journal,
            ):
                await Follower(home, journal, reading).run(stop)
        except AlreadyFollowing:
            await asyncio.sleep(ASK_AGAIN_S)


if __name__ == "__main__":
    sys.exit(main())
