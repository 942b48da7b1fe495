"""What does a first hour with Headwater show? Starts a server in a scratch home, ingests the estate, asks.

Everything printed is the command as a user would type it, and its true output. `make demo` runs this.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from app.demo.pretty import pretty
from app.demo.scratch import COMMAND, Server, serving

ESTATE: Final = Path(__file__).with_name("estate.ndjson")
MODEL: Final = "dataset:mlflow:canoe-demand"
RAW: Final = "dataset:s3://otter-lake:raw/bookings"
DEMAND: Final = "dataset:bigquery:otter.marts.daily_demand"

STATES: Final = """{
  dataset(namespace: "bigquery", name: "otter.marts.demand") { key kind live lastWrittenAt }
  job(namespace: "dbt", name: "model.otter.revenue") { runs { nodes { state endedAt } } }
}"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a person's words, and the command that answers it."""

    words: str
    command: tuple[str, ...]


QUESTIONS: Final = (
    Question("Is everything in the graph?", ("status",)),
    Question("Where does the demand model come from?", ("upstream", MODEL)),
    Question("Which things depend on the raw bookings, two steps down?", ("downstream", RAW, "--depth", "2")),
    Question(
        "What did the model come from on the first of May, before `demand` was renamed?",
        ("upstream", MODEL, "--as-of", "2026-05-01T23:00:00Z", "--depth", "2"),
    ),
    Question("And today?", ("upstream", MODEL, "--depth", "2")),
    Question("A typo: what is near?", ("upstream", "dataset:bigquery:otter.marts.daily_demnad")),
)


def title(words: str) -> None:
    print(f"\n\033[1m{words}\033[0m" if sys.stdout.isatty() else f"\n{words}")


def run(server: Server, command: tuple[str, ...]) -> None:
    """Print a command as one would type it, and what it says."""
    print(f"$ headwater {shlex.join(command)}", flush=True)
    subprocess.run([COMMAND, *command, "--server", server.url], check=False, stderr=subprocess.STDOUT)


def ask(server: Server, query: str) -> None:
    """Print a GraphQL query and its answer."""
    print(query)
    answer = httpx.post(f"{server.url}/graphql", json={"query": query}, timeout=30)
    print(pretty(answer.json()))


def tell(server: Server) -> None:
    """Ingest the estate and ask about it."""
    lines = ESTATE.read_bytes().splitlines()
    repeated = len(lines) - len(set(lines))
    print(
        f"Otter Canoes: {len(lines)} OpenLineage events of two days; {repeated} of them sent twice, some late,"
    )
    print("one run failed, one table renamed, one job that streams, one that is only declared.\n")
    run(
        server,
        ("ingest", str(ESTATE.relative_to(Path.cwd()) if ESTATE.is_relative_to(Path.cwd()) else ESTATE)),
    )
    for question in QUESTIONS:
        title(question.words)
        run(server, question.command)
    title("Is the old name still in use, and did the revenue model run? In GraphQL")
    ask(server, STATES)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="headwater-demo-") as scratch:
        print("starting a server in a scratch home ...", flush=True)
        with serving(Path(scratch) / "home") as server:
            tell(server)
        print("\nThe server has stopped and its home is gone. `make run` starts one that stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
