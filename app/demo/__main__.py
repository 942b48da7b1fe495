"""What does a first hour with Headwater show? Starts a server in a scratch home, ingests the estate, asks.

Everything printed is the command as a user would type it, and its true output. `make demo` runs this.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx

from app.demo.pretty import pretty
from app.demo.questions import CANOES, LOANS
from app.demo.scratch import Server, serving
from app.demo.showing import run, title

FOLDER: Final = Path(__file__).parent
ESTATE: Final = FOLDER / "estate.ndjson"
LOANS_EVENTS: Final = FOLDER / "loans.ndjson"

STATES: Final = """{
  dataset(namespace: "bigquery", name: "otter.marts.demand") { key kind live lastWrittenAt }
  job(namespace: "dbt", name: "model.otter.revenue") { runs { nodes { state endedAt } } }
}"""


def ask(server: Server, query: str) -> None:
    """Print a GraphQL query and its answer."""
    print(query)
    answer = httpx.post(f"{server.url}/graphql", json={"query": query}, timeout=30)
    print(pretty(answer.json()))


def tell_canoes(server: Server) -> None:
    """Ingest the estate and ask about it."""
    lines = ESTATE.read_bytes().splitlines()
    repeated = len(lines) - len(set(lines))
    print(
        f"Otter Canoes: {len(lines)} OpenLineage events of two days; {repeated} of them sent twice, some late,"
    )
    print("one run failed, one table renamed, one job that streams, one that is only declared.\n")
    ingest(server, ESTATE)
    for question in CANOES:
        title(question.words)
        run(server, question.command)
    title("Is the old name still in use, and did the revenue model run? In GraphQL")
    ask(server, STATES)


def tell_loans(server: Server) -> None:
    """Ingest what real programs told when `make story` was played, and ask the three questions."""
    title("A bank's loans, from raw data to a model that answers")
    print("These events are of a real MLflow, Feast and gateway, recorded when `make story` was played.\n")
    ingest(server, LOANS_EVENTS)
    for question in LOANS.values():
        title(question.words)
        run(server, question.command)


def ingest(server: Server, file: Path) -> None:
    """Ingest a file, named as somebody in this folder would."""
    here = Path.cwd()
    run(server, ("ingest", str(file.relative_to(here) if file.is_relative_to(here) else file)))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="headwater-demo-") as scratch:
        print("starting a server in a scratch home ...", flush=True)
        with serving(Path(scratch) / "home") as server:
            tell_canoes(server)
            tell_loans(server)
        print("\nThe server has stopped and its home is gone. `make run` starts one that stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
