"""What does a large estate look like? Seeded, so that the same size and seed give the same events.

Datasets lie in layers; each beyond the first is written by one job, which reads from the layers before it:
most from the layer just above, a third from what many read (preferential attachment), so there are hubs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from app.demo.shapes import (
    Json,
    column_lineage,
    dataset,
    job,
    job_type,
    parent,
    reads,
    run_event,
    schema,
)

NAMESPACE: Final = "bench"
SUM: Final = "amount"
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_COLUMNS: Final = (
    ("id", "BIGINT"),
    ("customer_id", "BIGINT"),
    ("created_at", "TIMESTAMP"),
    ("amount", "DECIMAL(18,2)"),
    ("currency", "VARCHAR(3)"),
    ("status", "VARCHAR(32)"),
    ("region", "VARCHAR(64)"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the estate is. `slim` leaves out schemas and column lineage: names and edges alone.

    `inputs` are the numbers of inputs of a job, each as likely; so many datasets of the second layer as `hub` says are
    also made of the very first dataset. With `sums` one column is made of that of every input, and not of one alone: then
    there are many ways from a column to another.
    """

    datasets: int
    runs: int = 1
    seed: int = 7
    layers: int = 10
    slim: bool = False
    inputs: tuple[int, ...] = (1, 2, 2, 3, 3, 4)
    hub: int = 0
    sums: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One job: the dataset it writes and those it reads, by number."""

    output: int
    inputs: tuple[int, ...]


def table(number: int) -> str:
    return f"shop.layer.table_{number:07d}"


def table_key(number: int) -> str:
    return f"dataset:{NAMESPACE}:{table(number)}"


def task(number: int) -> str:
    """Name the job that writes a dataset."""
    return f"etl.write_{number:07d}"


def dag(number: int) -> str:
    """Name the job that this one is part of."""
    return f"etl.dag_{number // 50:05d}"


@lru_cache(maxsize=1)
def flows(size: Size) -> list[Flow]:
    """Lay out who reads what."""
    rng = random.Random(size.seed)
    per_layer = max(size.datasets // size.layers, 1)
    read_before: list[int] = []
    made = []
    for number in range(per_layer, size.datasets):
        layer = number // per_layer
        above = range((layer - 1) * per_layer, layer * per_layer)
        wanted = rng.choice(size.inputs)
        chosen: set[int] = {0} if number < per_layer + size.hub else set()
        while len(chosen) < min(wanted, per_layer):
            popular = read_before and rng.random() < 0.3  # noqa: PLR2004 - a third of all reads make hubs
            pick = rng.choice(read_before) if popular else rng.choice(above)
            if pick // per_layer < layer:
                chosen.add(pick)
        read_before.extend(chosen)
        made.append(Flow(number, tuple(sorted(chosen))))
    return made


def ends(size: Size, rng: random.Random) -> tuple[int, int]:
    """Draw a dataset, and one that it was made from over as many jobs as there happen to be."""
    made = {flow.output: flow.inputs for flow in flows(size)}
    last = first = rng.choice(flows(size)).output
    while first in made:
        first = rng.choice(made[first])
    return first, last


def events(size: Size) -> Iterator[Json]:
    """Write START and COMPLETE of every run of every job; a slim estate has the COMPLETE alone."""
    rng = random.Random(size.seed + 1)
    laid_out = flows(size)
    for turn in range(size.runs):
        at = _BEGIN + timedelta(days=turn)
        for flow in laid_out:
            run = str(UUID(int=rng.getrandbits(128), version=4))
            above = str(UUID(int=rng.getrandbits(128), version=4))
            at += timedelta(milliseconds=100)
            yield from _run(size, flow, at, run=run, above=above)


def _run(size: Size, flow: Flow, at: datetime, *, run: str, above: str) -> Iterator[Json]:
    inputs = [_described(number, slim=size.slim) for number in flow.inputs]
    output = _described(flow.output, slim=size.slim)
    of = job(NAMESPACE, task(flow.output), jobType=job_type("AIRFLOW", "TASK"))
    given = {}
    if not size.slim:
        output["facets"] |= dataset("", "", columnLineage=_columns(inputs, sums=size.sums))["facets"]
        given = {
            "parent": parent(above, job(NAMESPACE, dag(flow.output))),
            "processing_engine": {
                "name": "airflow",
                "version": "3.1.0",
                "openlineageAdapterVersion": "2.9.0",
            },
            "nominalTime": {"nominalStartTime": _time(at)},
        }
        named = [_described(number, slim=True) for number in flow.inputs]
        yield run_event("START", _time(at), run=run, of=of, inputs=named, outputs=[output], given=given)
    end = _time(at + timedelta(minutes=3))
    yield run_event("COMPLETE", end, run=run, of=of, inputs=inputs, outputs=[output], given=given)


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _described(number: int, *, slim: bool) -> Json:
    if slim:
        return {"namespace": NAMESPACE, "name": table(number)}
    return dataset(NAMESPACE, table(number), schema=schema(dict(_COLUMNS)))


def _columns(inputs: list[Json], *, sums: bool) -> Json:
    """Let each column come from that of one input, the inputs taking turns."""
    names = [name for name, _ in _COLUMNS]
    lineage = {name: [reads(inputs[place % len(inputs)], name)] for place, name in enumerate(names)}
    if sums:
        lineage[SUM] = [reads(one, SUM) for one in inputs]
    return column_lineage(lineage)


def edges_event(number: int, output: str, inputs: list[str]) -> Json:
    """Write one slim COMPLETE event in which `output` is made of `inputs`."""
    run = str(UUID(int=random.Random(f"{output} {number}").getrandbits(128), version=4))
    return run_event(
        "COMPLETE",
        _time(_BEGIN + timedelta(seconds=number)),
        run=run,
        of=job(NAMESPACE, f"make {output}"),
        inputs=[{"namespace": NAMESPACE, "name": name} for name in inputs],
        outputs=[{"namespace": NAMESPACE, "name": output}],
    )


def lattice(layers: int = 60, width: int = 2) -> Iterator[Json]:
    """Write `layers` layers in which every dataset is made of the whole layer above: width^layers paths."""
    for layer in range(1, layers):
        above = [f"lattice.{layer - 1}.{place}" for place in range(width)]
        for place in range(width):
            yield edges_event(layer, f"lattice.{layer}.{place}", above)
