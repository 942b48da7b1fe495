"""How long does it take to read 5,000 runs of an MLflow server, and how long when nothing has changed?

    python -m bench.mlflow [--runs N]

On a real server with one worker over SQLite, filled by its REST API: runs of a year, each with five parameters and five metrics.
Both readings are `headwater source mlflow`, start-up included. Nothing else reads the server meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx

from app.demo.scratch import COMMAND
from bench import processes
from bench.figures import Figure
from bench.targets import Target
from tests.workflow.mlflow.server import Mlflow, serving

FIRST: Final = Target("< 30 s", {"mlflow": 30})
UNCHANGED: Final = Target("< 1 s", {"mlflow": 1})
YEAR_MS: Final = 365 * 24 * 3_600 * 1_000
WRITERS: Final = 6
MEASURES: Final = 5


def main(arguments: list[str]) -> int:
    """Measure, and print a line for each figure; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.mlflow", description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000)
    runs = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory() as scratch, serving(folder(scratch, "mlflow")) as mlflow:
        fill(mlflow, runs)
        figures = list(measured(mlflow, Path(scratch) / "home", runs))
    for one in figures:
        target = f"  target {one.target.words}" if one.target else ""
        print(f"{one.what:58} {one.value:10,.2f} {one.unit}{target}  {one.note}")
    return int(any(one.met is False for one in figures))


def folder(scratch: str, name: str) -> Path:
    """Make a folder in the scratch folder."""
    path = Path(scratch) / name
    path.mkdir()
    return path


def fill(mlflow: Mlflow, runs: int) -> None:
    """Make the runs, in ten experiments."""
    experiments = [mlflow.experiment(f"experiment {number}") for number in range(10)]
    first = int(time.time() * 1000) - YEAR_MS - 3_600_000
    with httpx.Client(base_url=str(mlflow.client.base_url), timeout=60) as client:

        def make(number: int) -> None:
            start = first + number * (YEAR_MS // runs)
            asked = {"experiment_id": experiments[number % 10], "start_time": start, "user_id": "ada"}
            made = client.post("/runs/create", json=asked).raise_for_status().json()
            run_id = made["run"]["info"]["run_id"]
            logged: dict[str, Any] = {
                "run_id": run_id,
                "params": [{"key": f"p{one}", "value": str(number)} for one in range(MEASURES)],
                "metrics": [
                    {"key": f"m{one}", "value": number / 7, "timestamp": start, "step": 0}
                    for one in range(MEASURES)
                ],
            }
            client.post("/runs/log-batch", json=logged).raise_for_status()
            ended = {"run_id": run_id, "status": "FINISHED", "end_time": start + 60_000}
            client.post("/runs/update", json=ended).raise_for_status()

        with ThreadPoolExecutor(WRITERS) as writers:
            consume(writers.map(make, range(runs)))


def consume(made: Iterable[None]) -> None:
    """Wait for all, and raise what went wrong."""
    for _ in made:
        pass


def measured(mlflow: Mlflow, home: Path, runs: int) -> Iterable[Figure]:
    """Read the server for the first time, again, and with every run compared anew."""
    before = memory_mb(mlflow)
    first, said, peak_mb = read(mlflow, home)
    if said["events"] < 2 * runs:
        raise RuntimeError(f"{runs} runs gave {said}")
    yield Figure(
        f"first reading of {runs:,} runs",
        first,
        "s",
        FIRST,
        note=f"{said['events']:,} events",
        engine="mlflow",
    )
    again, said, _ = read(mlflow, home)
    yield Figure(
        "reading when nothing has changed",
        again,
        "s",
        UNCHANGED,
        note=f"{said['events']} events",
        engine="mlflow",
    )
    whole, said, _ = read(mlflow, home, "--resync")
    yield Figure("every run compared anew", whole, "s", note=f"{said['events']} events")
    yield Figure("most memory of the reader", peak_mb, "MB")
    yield Figure("memory of the MLflow server, after less before", memory_mb(mlflow) - before, "MB")


def read(mlflow: Mlflow, home: Path, *more: str) -> tuple[float, dict[str, Any], float]:
    """Read once; gives seconds, what was said, and the reader's most memory."""
    words = [COMMAND, "source", "mlflow", "--url", mlflow.url, "--home", str(home), "--json", *more]
    began = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    said = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{words} ended with {process.returncode}")
    return seconds, json.loads(said), used.ru_maxrss / 1024


def memory_mb(mlflow: Mlflow) -> float:
    """Give the memory of the server's processes."""
    return sum(one.rss_mb for one in processes.tree(mlflow.process.pid))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
