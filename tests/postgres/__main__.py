"""`python -m tests.postgres`: run a PostgreSQL with Marquez's table for a developer, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from tests.postgres.marquez import PASSWORD, READER, SCENARIOS, make_database, make_roles, recorded
from tests.postgres.server import binaries, started


def main() -> int:
    """Make an installation's table in a scratch folder, filled with recorded rows where those are here."""
    if binaries() is None:
        sys.stderr.write("PostgreSQL is not here; install Debian's package `postgresql`\n")
        return 3
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.default_int_handler)
    with started() as server:
        make_roles(server)
        database = make_database(server, "marquez")
        rows = 0
        with (
            suppress(BaseException),
            database.connect() as connection,
        ):  # the rows lie beside the project, or not
            for scenario in SCENARIOS:
                for row in recorded(scenario):
                    database.insert(connection, row["event"])
                    rows += 1
        sys.stdout.write(
            f"PostgreSQL answers on port {server.port}, with {rows} rows in lineage_events; Ctrl-C ends it and forgets all.\n\n"
            f"  export HEADWATER_MARQUEZ_PASSWORD={PASSWORD}\n"
            f"  headwater backfill {server.url('marquez', READER, '')}\n"
        )
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
