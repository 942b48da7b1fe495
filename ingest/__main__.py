"""`python -m ingest`: the projector as its own process, so that folding never slows the door.

The password of the graph engine comes by HEADWATER_GRAPH_PASSWORD, never by the command line. With
`--lifeline` the process ends when its standard input does, however its parent ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from ingest.cycles import look_seldom
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.projector import Projector
from ingest.stopping import told_to_stop
from queries.migrate import migrated
from queries.store import GraphStore
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import check_address, open_store
from queries.stores.late import LateStore


def main() -> int:
    """Parse the arguments and project until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the journal and the state")
    parser.add_argument("--graph", required=True, help="bolt:// or neo4j:// address of the graph engine")
    parser.add_argument("--user", default="neo4j", help="user at the graph engine")
    parser.add_argument("--database", default="neo4j", help="database at the graph engine")
    parser.add_argument("--bulk-url", default="", help="where an embedded engine takes bulk imports")
    parser.add_argument(
        "--timeout-s", type=float, default=120.0, help="longest time one transaction may take"
    )
    parser.add_argument("--ca-file", type=Path, help="certificates to trust at a +s:// address")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input ends")
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    asyncio.run(work(parser.parse_args()))
    return 0


async def work(arguments: argparse.Namespace) -> None:
    """Open journal and graph, and project until SIGTERM, SIGINT or the end of the lifeline."""
    look_seldom()
    stop = told_to_stop()
    if arguments.lifeline:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _ended, stop)
    access = {
        "user": arguments.user,
        "password": os.environ.get("HEADWATER_GRAPH_PASSWORD", ""),
        "database": arguments.database,
    }
    check_address(arguments.graph)

    async def opening() -> GraphStore:
        options = {"timeout_s": arguments.timeout_s, "ca_file": arguments.ca_file}
        return await migrated(await open_store(arguments.graph, **access, **options))

    store = LateStore(opening)
    bulk = ArcadeBulk(arguments.bulk_url, **access) if arguments.bulk_url else None
    journal = Journal.open(arguments.home / "journal.sqlite")
    try:
        await Projector(journal, arguments.home / "state.sqlite", store, bulk=bulk).run(stop)
    finally:
        journal.close()
        await store.aclose()


def _ended(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
