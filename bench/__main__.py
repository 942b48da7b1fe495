"""Which targets of the design are met here, on which engine?

`python -m bench all` measures everything on the embedded engine and on the Neo4j that `make neo4j-fetch` brought;
a part's name that part; `--engine` some engine; `--json FILE` keeps the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench import estate, learning, marquez, measure, provenance, subjects, surface
from bench.estate import Size
from bench.figures import Figure, conditions, show, step_ns
from bench.learning import Learning
from bench.subjects import ENGINES, Engine
from bench.targets import EMBEDDED

USUAL: Final = [EMBEDDED, ENGINES[1]]
FULL: Final = {
    "walk_datasets": 400_000,
    "walk_inputs": (2, 2, 3, 3, 3, 4),
    "walk_hub": 10_000,
    "heap_mb": 2048,
}
SMALL: Final = {
    "datasets": 200,
    "runs": 1,
    "rebuild_runs": 1,
    "walk_datasets": 500,
    "walk_hub": 20,
    "experiments": 20,
    "features": 100,
    "rounds": 4,
}


class Bench:
    """One engine's measurements, each part on a server and an engine of its own, in a scratch folder."""

    def __init__(self, engine: str, options: argparse.Namespace, scratch: Path) -> None:
        self._engine = engine
        self._options = options
        self._scratch = scratch / engine

    def figures(self) -> Iterator[Figure]:
        """Run the parts asked for."""
        for name, part in PARTS.items():
            if self._options.part == name or (self._options.part == "all" and name != PEER):
                sys.stderr.write(f"{self._engine}: {name} (a step of a plain loop: {step_ns():g} ns)\n")
                for figure in part(self):
                    yield replace(figure, engine=self._engine)

    @contextmanager
    def _on(self, part: str) -> Iterator[tuple[Engine, Path]]:
        folder = self._scratch / part
        with subjects.engine(self._engine, folder / "engine", heap_mb=self._options.heap_mb) as on:
            yield on, folder / "home"

    def ingest(self) -> Iterator[Figure]:
        """Post single events; look single nodes up; make the graph anew."""
        options = self._options
        size = Size(options.datasets, runs=options.runs, seed=options.seed)
        with self._on("ingest") as (on, home), subjects.server(home, on) as subject:
            yield from measure.run(measure.ingest(subject, size, connections=options.connections))
            yield from measure.run(measure.lookups(subject, size, rounds=options.rounds))
            yield from measure.memory(subject, during="ingest")
        with self._on("rebuild") as (on, home):
            large = replace(size, runs=options.rebuild_runs)
            measure.fill_journal(home, estate.events(large))
            yield from measure.rebuild(home, on, what="with schemas and columns")

    def walks(self) -> Iterator[Figure]:
        """Make the graph of a large estate of names and edges, and walk it; then a lattice with 2^60 paths."""
        options = self._options
        size = Size(
            options.walk_datasets,
            seed=options.seed,
            slim=True,
            inputs=options.walk_inputs,
            hub=options.walk_hub,
        )
        with self._on("walks") as (on, home):
            measure.fill_journal(home, estate.events(size))
            yield from measure.rebuild(home, on, what="of names and edges")
            with subjects.server(home, on) as subject:
                yield from measure.run(measure.lookups(subject, size, rounds=options.rounds))
                yield from measure.run(measure.walks(subject, size, rounds=options.rounds))
                yield from measure.run(measure.paths(subject, size, rounds=options.rounds))
                yield from measure.run(surface.surface(subject, size, rounds=options.rounds))
                yield from measure.run(measure.lattice(subject, rounds=options.rounds))
                yield from measure.memory(subject, during="walks")

    def learning(self) -> Iterator[Figure]:
        """Make the graph of a workflow of machine learning, and ask where its models come from."""
        options = self._options
        size = Learning(options.experiments, RUNS, options.features, seed=options.seed)
        with self._on("learning") as (on, home):
            measure.fill_journal(home, learning.events(size))
            yield from measure.rebuild(home, on, what="of experiments and models")
            with subjects.server(home, on) as subject:
                yield from measure.run(provenance.provenance(subject, size, rounds=options.rounds))
                yield from measure.memory(subject, during="learning")

    def beside_marquez(self) -> Iterator[Figure]:
        """Follow Marquez's table; and give the same estate to a Marquez that runs, if one does, and to a server of ours."""
        from bench import following  # noqa: PLC0415 - PostgreSQL's driver is needed by nobody else

        options = self._options
        size = marquez.size_of(options.marquez_jobs, runs=options.marquez_runs, seed=options.seed)
        with self._on("follow") as (on, home):
            yield from following.following(on, home.parent, size, lag_s=options.follow_s)
        if not options.marquez:
            sys.stderr.write(
                "no Marquez is named (--marquez URL --marquez-db URL): nothing to compare with\n"
            )
            return
        peer = marquez.peer_of(options.marquez, options.marquez_db)
        with self._on(PEER) as (on, home), subjects.server(home, on) as subject:
            ours = measure.run(marquez.measure_ours(subject, size, connections=options.connections))
        theirs = measure.run(marquez.measure_marquez(peer, size, connections=options.connections))
        yield from marquez.figures(theirs, ours)


PEER: Final = "marquez"
RUNS: Final = 50
"""Runs of each experiment."""

PARTS: Final[dict[str, Callable[[Bench], Iterator[Figure]]]] = {
    "ingest": Bench.ingest,
    "walks": Bench.walks,
    "learning": Bench.learning,
    PEER: Bench.beside_marquez,
}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("--engine", action="append", choices=ENGINES, help="may be given several times")
    parser.add_argument("--datasets", type=int, default=4000, help="datasets of the ingest estate")
    parser.add_argument("--runs", type=int, default=3, help="runs of each of its jobs, two events each")
    parser.add_argument(
        "--rebuild-runs", type=int, default=12, help="runs of each in the journal rebuilt from"
    )
    parser.add_argument("--connections", type=int, default=8, help="connections that post at once")
    parser.add_argument("--walk-datasets", type=int, default=40_000, help="datasets of the estate walked")
    parser.add_argument("--walk-hub", type=int, default=10_000, help="how many of them are made of the first")
    parser.add_argument("--experiments", type=int, default=1_000, help=f"experiments, of {RUNS} runs each")
    parser.add_argument("--features", type=int, default=5_000, help="features of all views")
    parser.add_argument("--rounds", type=int, default=100, help="times each question is asked")
    there = os.environ.get("HEADWATER_TEST_MARQUEZ"), os.environ.get("HEADWATER_TEST_MARQUEZ_DB")
    parser.add_argument("--marquez", metavar="URL", default=there[0], help="a Marquez on this machine")
    parser.add_argument("--marquez-db", metavar="URL", default=there[1], help="its PostgreSQL")
    parser.add_argument("--marquez-jobs", type=int, default=marquez.JOBS, help="jobs of the estate both get")
    parser.add_argument("--marquez-runs", type=int, default=8, help="runs of each, two events each")
    parser.add_argument("--follow-s", type=float, default=20.0, help="seconds to follow Marquez's table for")
    parser.add_argument("--heap-mb", type=int, default=1024, help="memory of the engine's heap")
    parser.add_argument("--seed", type=int, default=7)
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--small", action="store_true", help="everything small: does the benchmark work?")
    sizes.add_argument("--full", action="store_true", help="walk a million edges between 400,000 datasets")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write conditions and figures there too")
    parser.set_defaults(walk_inputs=(1, 2, 2, 3, 3, 4))
    options = parser.parse_args(arguments)
    if options.marquez and not options.marquez_db:
        parser.error("say where its PostgreSQL is: --marquez-db URL, or HEADWATER_TEST_MARQUEZ_DB")
    vars(options).update(FULL if options.full else SMALL if options.small else {})
    options.engine = subjects.there(options.engine or USUAL)
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    sizes = {name: value for name, value in vars(options).items() if name not in {"json", "small", "full"}}
    taken = conditions(**sizes)
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as scratch:
        figures = [
            one for engine in options.engine for one in Bench(engine, options, Path(scratch)).figures()
        ]
    if options.small:  # too small to be judged: start-up and warm-up are most of it
        figures = [replace(figure, target=None) for figure in figures]
    show(figures, taken)
    if options.json:
        written = {"conditions": taken, "figures": [figure.as_json() for figure in figures]}
        options.json.write_text(json.dumps(written, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
