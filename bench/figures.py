"""How is a measurement written down? As a figure beside its target, under the conditions it was taken in."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.targets import Target

_STEPS: Final = 3_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, what is asked of it, and on which engine it was taken."""

    what: str
    value: float
    unit: str
    target: Target | None = None
    spread: dict[str, float] = field(default_factory=dict)
    note: str = ""
    engine: str = ""

    @property
    def met(self) -> bool | None:
        """Judge it; None where nothing is asked of it, or not on this engine."""
        return self.target.met(self.engine, self.value) if self.target else None

    def as_json(self) -> dict[str, Any]:
        """Give it as it is kept in a file."""
        words = self.target.words if self.target else None
        return {**asdict(self), "target": words, "met": self.met}


def timed(what: str, seconds: Sequence[float], target: Target | None = None, *, note: str = "") -> Figure:
    """Make a figure of latencies: its value is the p95, in ms."""
    ordered = sorted(seconds)
    spread = {f"p{part}": round(1000 * percentile(ordered, part), 2) for part in (50, 95, 99)}
    spread["max"] = round(1000 * ordered[-1], 2)
    return Figure(what, spread["p95"], "ms p95", target, spread, note)


def percentile(ordered: Sequence[float], part: float) -> float:
    """Take the nearest-rank percentile of an ordered sequence."""
    return ordered[max(0, math.ceil(len(ordered) * part / 100) - 1)]


def conditions(**sizes: object) -> dict[str, Any]:
    """Say on what machine, with which versions, and how large."""
    versions = ("headwater", "neo4j", "arcadedb-embedded", "fastapi", "uvicorn", "msgspec")
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in versions},
        "load_before": round(os.getloadavg()[0], 2),
        "python_step_ns": step_ns(),
        **sizes,
    }


def step_ns() -> float:
    """Time a step of a plain loop: a shared machine may be half as fast an hour later, and this shows it."""
    begin = time.process_time_ns()
    total = 0
    for number in range(_STEPS):
        total += number
    return round((time.process_time_ns() - begin) / _STEPS, 1)


def show(figures: Sequence[Figure], taken: dict[str, Any]) -> None:
    """Print the conditions, and then every figure beside its target, the engines side by side."""
    console = Console(width=None if os.isatty(1) else 160)
    for name, value in taken.items():
        console.print(f"{name:>14}  {value}", highlight=False)
    engines = list(dict.fromkeys(figure.engine for figure in figures))
    table = Table(box=None, pad_edge=False)
    for heading in ("what", *engines, "target"):
        table.add_column(heading)
    for what in dict.fromkeys(figure.what for figure in figures):
        taken_of = {figure.engine: figure for figure in figures if figure.what == what}
        target = next((one.target.words for one in taken_of.values() if one.target), "")
        table.add_row(what, *(_cell(taken_of.get(engine)) for engine in engines), target)
    console.print(table)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    verdict = {True: "[green]met[/green] ", False: "[red]missed[/red] ", None: ""}[figure.met]
    spread = ", ".join(f"{name} {value:g}" for name, value in figure.spread.items() if name != "p95")
    more = "; ".join(said for said in (spread, figure.note) if said)
    return f"{verdict}{_number(figure.value)} {figure.unit}{f' ({more})' if more else ''}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"  # noqa: PLR2004 - three digits are enough


def _commit() -> str:
    describe = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(describe, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
