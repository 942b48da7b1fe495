"""`python -m ingest.past`: makes a graph of the first part of a journal, up to a position, and ends.

As a rebuild, into a database that is empty: rejected records are no events, and what was ever set aside is left
out, as it was when the position was new. The journal is opened for reading alone. How far it is, is told by a note.
The password of the engine comes by HEADWATER_GRAPH_PASSWORD.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import closing
from pathlib import Path

from ingest.cycles import look_seldom
from ingest.journal import Journal
from ingest.log import log_to_stderr
from ingest.rebuild import rebuild
from queries.stores.arcadedb_bulk import ArcadeBulk
from queries.stores.bolt import open_store


def main() -> int:
    """Parse the arguments, and fill the graph."""
    parser = argparse.ArgumentParser(prog="python -m ingest.past", description=__doc__)
    parser.add_argument("--journal", type=Path, required=True, help="the journal's file")
    parser.add_argument("--folder", type=Path, required=True, help="folder for state and note")
    parser.add_argument("--until", type=int, required=True, help="position of the last event that counts")
    parser.add_argument("--graph", required=True, help="bolt:// address of the embedded engine")
    parser.add_argument("--user", required=True, help="user at the engine")
    parser.add_argument("--database", required=True, help="database at the engine; it is empty")
    parser.add_argument("--bulk-url", required=True, help="where the engine takes bulk imports")
    parser.add_argument(
        "--timeout-s", type=float, default=120.0, help="longest time one transaction may take"
    )
    log_to_stderr(os.environ.get("HEADWATER_LOG_LEVEL", "info"))
    asyncio.run(make(parser.parse_args()))
    return 0


async def make(arguments: argparse.Namespace) -> None:
    """Fill the database with what the journal's events up to the position say."""
    look_seldom()
    access = {
        "user": arguments.user,
        "password": os.environ.get("HEADWATER_GRAPH_PASSWORD", ""),
        "database": arguments.database,
    }
    note: Path = arguments.folder / "note"

    def tell(stage: str, done: int, total: int) -> None:
        note.write_text(json.dumps([stage, done, total]))

    bulk = ArcadeBulk(arguments.bulk_url, **access)
    store = await open_store(arguments.graph, timeout_s=arguments.timeout_s, **access)
    try:
        with closing(Journal.open(arguments.journal, read_only=True)) as journal:
            state = arguments.folder / "state.sqlite"
            await rebuild(journal, state, store, tell, bulk=bulk, until=arguments.until)
    finally:
        await store.aclose()


if __name__ == "__main__":
    sys.exit(main())
