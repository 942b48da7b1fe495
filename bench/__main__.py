"""Which targets of the design are met here?

`python -m bench all` measures everything, a part's name that part; `--json FILE` keeps the figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from app.demo.scratch import Server, serving
from bench import estate, measure
from bench.estate import Size
from bench.figures import Figure, conditions, show

Part = Callable[[Server, argparse.Namespace], list[Figure]]


def size_of(options: argparse.Namespace) -> Size:
    return Size(options.datasets, runs=options.runs, seed=options.seed)


def ingest(server: Server, options: argparse.Namespace) -> list[Figure]:
    """Post single events; then look single nodes up."""
    size = size_of(options)
    figures = measure.run(measure.ingest(server, size, connections=options.connections))
    return [*figures, *measure.run(measure.lookups(server, size, rounds=options.rounds))]


def walks(server: Server, options: argparse.Namespace) -> list[Figure]:
    """Bring in a large estate of names and edges, and walk it."""
    size = replace(size_of(options), datasets=options.walk_datasets, runs=1, slim=True)
    loaded = measure.run(measure.load(server, estate.events(size), what=f"{size.datasets:,} datasets"))
    return [*loaded, *measure.run(measure.walks(server, size, rounds=options.rounds))]


def lattice(server: Server, options: argparse.Namespace) -> list[Figure]:
    """Ask questions of a lattice with 2^60 paths."""
    return measure.run(measure.lattice(server, rounds=options.rounds))


def hub(server: Server, options: argparse.Namespace) -> list[Figure]:
    """Ask for the page below a hub."""
    return measure.run(measure.hub(server, children=options.children, rounds=options.rounds))


PARTS: Final[dict[str, Part]] = {"ingest": ingest, "walks": walks, "lattice": lattice, "hub": hub}


def measured(options: argparse.Namespace, home: Path) -> list[Figure]:
    """Run the parts asked for, each on a server of its own, the small ones together on one."""
    wanted = [name for name in PARTS if options.part in {name, "all"}] or ["ingest"]  # what a rebuild reads
    groups = [wanted] if options.small else [[name] for name in wanted]
    figures: list[Figure] = []
    for group in groups:
        with serving(home / group[0]) as server:
            for name in group:
                figures += PARTS[name](server, options)
            figures += measure.memory(server)
            events = measure.run(measure.journal_end(server))
        if "ingest" in group and options.part in {"all", "rebuild"}:
            figures += measure.rebuild(home / group[0], events=events)
    return figures


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", choices=[*PARTS, "rebuild", "all"])
    parser.add_argument("--datasets", type=int, default=4000, help="datasets of the ingest estate")
    parser.add_argument("--runs", type=int, default=3, help="runs of each of its jobs, two events each")
    parser.add_argument("--connections", type=int, default=8, help="connections that post at once")
    parser.add_argument("--walk-datasets", type=int, default=40_000, help="datasets of the estate walked")
    parser.add_argument("--children", type=int, default=10_000, help="datasets below the hub")
    parser.add_argument("--rounds", type=int, default=100, help="times each question is asked")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--small", action="store_true", help="everything small: does the benchmark work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write conditions and figures there too")
    options = parser.parse_args(arguments)
    if options.small:
        options.datasets, options.runs, options.walk_datasets = 200, 1, 500
        options.children, options.rounds = 600, 10
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    sizes = {name: value for name, value in vars(options).items() if name not in {"json", "small"}}
    taken = conditions(**sizes)
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as scratch:
        figures = measured(options, Path(scratch))
    if options.small:  # too small to be judged: start-up and warm-up are most of it
        figures = [replace(figure, met=None) for figure in figures]
    show(figures, taken)
    if options.json:
        written = {"conditions": taken, "figures": [asdict(figure) for figure in figures]}
        options.json.write_text(json.dumps(written, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
