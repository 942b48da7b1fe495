"""`make compare-demo`: how do the two compare on real producers' events, as a real Marquez answered for them?

Needs the recordings beside the project (`../shared/corpora/marquez`). For each scenario: a scratch home, the events that were
posted to the Marquez, in the same order, and then the comparison with what it answered.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from app.cli.compare import show
from app.cli.connection import connected
from app.cli.local import events_in
from app.cli.screen import console
from app.cli.sending import send_all, wait_projected
from app.compare.marquez import Peer
from app.compare.page import to_html
from app.compare.reading import compare_with
from app.compare.recorded import Recorded
from app.compare.report import Comparison
from app.demo.scratch import Server, serving

CORPORA: Final = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SCENARIOS: Final[dict[str, tuple[str, ...]]] = {
    "food": ("filled-marquez-food-delivery.ndjson",),
    "airflow": ("real-airflow-bigquery-gcs.ndjson",),
    "spark": ("real-spark-hive-column-lineage.ndjson",),
    "dbt": ("filled-dbt-postgres-build.ndjson",),
    "odd": ("odd-*",),
    "docs": (
        "filled-docs-examples-etl-tasks.ndjson",
        "real-marquez-dataset-event.json",
        "real-marquez-full.json",
    ),
}


def main() -> int:
    """Compare each scenario; gives 1 when anything is unexplained."""
    parser = argparse.ArgumentParser(prog="python -m app.demo.compare", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=", ".join(SCENARIOS))
    parser.add_argument("--html", type=Path, help="folder for a page of each scenario")
    parser.add_argument("--all", action="store_true", help="show all differences")
    given = parser.parse_args()
    if not (CORPORA / "marquez").is_dir():
        print(f"the recordings are not here: {CORPORA / 'marquez'}", file=sys.stderr)
        return 3
    unexplained = 0
    for name in given.scenarios or SCENARIOS:
        found = compared(name)
        console().print(f"\n{name}: {', '.join(SCENARIOS[name])}", style="bold")
        show(found, each=None if given.all else 2)
        unexplained += found.unexplained
        if given.html:
            page = to_html(found, ours="a scratch server", theirs=f"the recording {name}")
            (given.html / f"{name}.html").write_text(page, encoding="utf-8")
    return 1 if unexplained else 0


def compared(name: str) -> Comparison:
    """Give a scenario's events to a scratch server, and compare it with the recorded answers."""
    with (
        tempfile.TemporaryDirectory(prefix="headwater-compare-") as folder,
        serving(Path(folder) / "home") as server,
    ):
        with connected(server.url, "") as client:
            feed(client, files(name))
        return compared_at(server, name)


def compared_at(server: Server, name: str) -> Comparison:
    """Compare a server that has a scenario's events with the recorded answers."""
    with connected(server.url, "") as client:
        peer = recorded(CORPORA / "marquez" / name / "answers.ndjson.gz")
        return compare_with(client, peer, lambda *_: None)


def files(name: str) -> list[str]:
    """List a scenario's files, in the order in which they were posted."""
    folder = CORPORA / "openlineage"
    return [str(path) for pattern in SCENARIOS[name] for path in sorted(folder.glob(pattern))]


def feed(client: httpx.Client, paths: Iterable[str]) -> None:
    """Send files of events, and wait until the graph holds them."""
    outcome = send_all(client, events_in(paths), lambda _: None)
    wait_projected(client, outcome.position, lambda _: None)


@asynccontextmanager
async def recorded(path: Path) -> AsyncIterator[Peer]:
    """Give recorded answers in place of a server's."""
    yield Recorded(path)


if __name__ == "__main__":
    sys.exit(main())
