"""Which measurements are there? Each takes a running server, whatever its engine, and gives figures."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from bench import estate, targets
from bench.estate import Size
from bench.figures import Figure, timed
from bench.subjects import Engine, Subject, command
from bench.wire import Answer, Connection, post_all, post_batches, wait_projected
from graph_schema import instants
from ingest.inbox import judge
from ingest.journal import Journal

Measured = TypeVar("Measured")

PROJECT_TIMEOUT_S: Final = 3600.0
SHOWN_MS: Final = 0.005
PAGE: Final = 500
AS_OF: Final = "2027-01-01T00:00:00Z"
"""After all that an estate does: every edge holds, and each must be looked at to know it."""
_TOTALS: Final = (
    "{ downstream(of: %s, first: 500%s) { totals { nodes edges } nodes { depth node { key } } } }"
)
_JOURNAL_BATCH: Final = 2_000


def bodies_of(events: Iterable[Any]) -> Iterator[bytes]:
    return (json.dumps(event, separators=(",", ":")).encode() for event in events)


async def ingest(subject: Subject, size: Size, *, connections: int) -> list[Figure]:
    """Post single events and wait for the graph: accepted/s, projected/s, CPU per event.

    The first quarter warms the engine up, whose Java compiles what it runs often; it is a figure of its own.
    """
    bodies = list(bodies_of(estate.events(size)))
    first = len(bodies) // 4
    cold = await _ingest(subject, bodies[:first], connections=connections)
    warm = await _ingest(subject, bodies[first:], connections=connections)
    mean = sum(map(len, bodies)) / len(bodies)
    shares = ", ".join(f"{name} {ms:.2f}" for name, ms in sorted(warm.cpu_ms.items()) if ms >= SHOWN_MS)
    cpu_ms = sum(warm.cpu_ms.values())
    return [
        Figure("events posted", len(bodies), f"of {mean:,.0f} bytes, {connections} connections"),
        Figure(
            *("projected while the engine warms up", cold.projected_s, "events/s"),
            note=f"the first {first:,}",
        ),
        Figure("CPU per event meanwhile", sum(cold.cpu_ms.values()), "ms"),
        Figure("accepted over HTTP, durable", warm.accepted_s, "events/s", targets.ACCEPTED),
        Figure("projected into the graph", warm.projected_s, "events/s", targets.PROJECTED),
        Figure("CPU per projected event, engine included", cpu_ms, "ms", targets.CPU, note=shares),
        timed("answer to one POST", [answer.seconds for answer in warm.answers]),
    ]


@dataclass(frozen=True, slots=True)
class _Ingested:
    """How one lot of events went in: events per second, and CPU per event by process."""

    accepted_s: float
    projected_s: float
    cpu_ms: dict[str, float]
    answers: list[Answer]


async def _ingest(subject: Subject, bodies: list[bytes], *, connections: int) -> _Ingested:
    before, begin = subject.cpu_s(), time.perf_counter()
    answers = await post_all(subject.url, bodies, connections=connections)
    accepted = time.perf_counter() - begin
    await wait_projected(subject.url, timeout_s=PROJECT_TIMEOUT_S)
    projected = time.perf_counter() - begin
    after = subject.cpu_s()
    expect(answers, {200, 201})
    cpu_ms = {name: 1000 * (used - before.get(name, 0.0)) / len(bodies) for name, used in after.items()}
    return _Ingested(len(bodies) / accepted, len(bodies) / projected, cpu_ms, answers)


async def _load(subject: Subject, events: Iterable[Any]) -> None:
    await post_batches(subject.url, bodies_of(events))
    await wait_projected(subject.url, timeout_s=PROJECT_TIMEOUT_S)


async def lookups(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Ask for names that are not there, and for nodes that are."""
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    there = [estate.table_key(rng.choice(flows).output) for _ in range(rounds)]
    nowhere = [f"dataset:{estate.NAMESPACE}:nowhere_{turn}" for turn in range(rounds)]
    async with Connection(subject.url) as connection:
        unknown = [await connection.get("/api/v1/graph/downstream", key=key) for key in nowhere]
        found = [await connection.get("/api/v1/graph/node", key=key) for key in there]
    expect(unknown, {404})
    expect(found, {200})
    of = f"of {size.datasets:,} datasets"
    return [
        timed(f"unknown root, {of}", seconds(unknown), targets.SMALL),
        timed(f"one node, {of}", seconds(found), targets.SMALL),
    ]


async def walks(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Walk from random roots and from the most read one: first page, and with totals, now and as of an instant.

    Each question is asked once before it is measured: engines compile what they run often.
    """
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    read = [estate.table_key(rng.choice(rng.choice(flows).inputs)) for _ in range(rounds)]
    written = [estate.table_key(rng.choice(flows).output) for _ in range(rounds)]
    ((worst, _),) = Counter(number for flow in flows for number in flow.inputs).most_common(1)
    hub = estate.table_key(worst)
    edges = sum(len(flow.inputs) for flow in flows)
    asked: dict[str, tuple[list[str], dict[str, str]]] = {
        "downstream, random roots": (read, {}),
        "upstream, random roots": (written, {}),
        "downstream as of an instant, random roots": (read, {"as_of": AS_OF}),
        "downstream, most read root": ([hub] * rounds, {}),
    }
    figures = []
    async with Connection(subject.url) as connection:
        for what, (roots, more) in asked.items():
            pages = [
                await page(connection, root, what.partition(",")[0].split()[0], **more) for root in roots * 2
            ]
            expect(pages, {200})
            warm = seconds(pages)[len(roots) :]
            figures.append(timed(f"page of {PAGE} of {edges:,} edges, {what}", warm, targets.PAGE))
        for what, as_of in (("", ""), (" as of an instant", f", asOf: {json.dumps(AS_OF)}")):
            totals = [await _with_totals(connection, hub, as_of) for _ in range(6)]
            expect(totals, {200})
            reached = totals[0].json()["data"]["downstream"]["totals"]
            note = f"{reached['nodes']:,} nodes, {reached['edges']:,} edges"
            warm = seconds(totals)[1:]
            target = None if as_of else targets.TOTALS
            figures.append(timed(f"totals of {edges:,} edges, most read root{what}", warm, target, note=note))
    return figures


async def paths(subject: Subject, size: Size, *, rounds: int) -> list[Figure]:
    """Ask how datasets get into others far below, and what the most read one has to do with the last layer."""
    rng = random.Random(size.seed)
    flows = estate.flows(size)
    ((hub, _),) = Counter(number for flow in flows for number in flow.inputs).most_common(1)
    last = [flow.output for flow in flows[-size.datasets // size.layers :]]
    drawn = [estate.ends(size, rng) for _ in range(rounds)]
    from_hub = [(hub, rng.choice(last)) for _ in range(rounds)]
    edges = sum(len(flow.inputs) for flow in flows)
    figures = []
    async with Connection(subject.url) as connection:
        for what, pairs in (
            ("from a first to what it got into", drawn),
            ("from the most read to the last", from_hub),
        ):
            answers = [await _paths(connection, *map(estate.table_key, pair)) for pair in pairs]
            expect(answers, {200})
            between = [len(answer.json()["nodes_on_any_path"]) for answer in answers]
            note = f"up to {max(between):,} nodes between"
            figures.append(
                timed(f"paths over {edges:,} edges, {what}", seconds(answers), targets.PATHS, note=note)
            )
    return figures


async def lattice(subject: Subject, *, rounds: int) -> list[Figure]:
    """Ask a lattice with 2^60 paths in every way there is."""
    await _load(subject, estate.lattice())
    top, bottom = f"dataset:{estate.NAMESPACE}:lattice.0.0", f"dataset:{estate.NAMESPACE}:lattice.59.0"
    async with Connection(subject.url) as connection:
        down = [await page(connection, top) for _ in range(rounds)]
        up = [await page(connection, bottom, "upstream") for _ in range(rounds)]
        totals = [await _with_totals(connection, top) for _ in range(rounds)]
        through = [await _paths(connection, top, bottom) for _ in range(rounds)]
    expect([*down, *up, *totals, *through], {200})
    if len(down[0].json()["nodes"]) != 118:  # noqa: PLR2004 - 59 layers of two below one of the top
        raise RuntimeError("the lattice was not walked whole")
    return [
        timed("lattice 60 x 2, downstream", seconds(down), targets.LATTICE),
        timed("lattice 60 x 2, upstream", seconds(up), targets.LATTICE),
        timed("lattice 60 x 2, GraphQL with totals", seconds(totals), targets.LATTICE),
        timed("lattice 60 x 2, paths", seconds(through), targets.LATTICE),
    ]


def memory(subject: Subject, *, during: str) -> list[Figure]:
    """Say what each process holds at most, and now."""
    return [
        Figure(
            f"memory of {process.name} during {during}, peak",
            process.rss_peak_mb,
            "MB",
            None if process.name == "engine" else targets.MEMORY,
            note=f"now {process.rss_mb:,.0f}",
        )
        for process in subject.processes()
        if process.name != "leash"
    ]


def fill_journal(home: Path, events: Iterable[Any]) -> int:
    """Write a journal as the door would; give how many events it holds."""
    home.mkdir(parents=True)
    journal = Journal.open(home / "journal.sqlite")
    at = instants.now()
    batch = []
    for body in bodies_of(events):
        batch.append(judge(body, received_at=at, source="bench").record)
        if len(batch) == _JOURNAL_BATCH:
            journal.append(batch)
            batch = []
    if batch:
        journal.append(batch)
    end = journal.end()
    journal.close()
    return end


def rebuild(home: Path, on: Engine, *, what: str) -> list[Figure]:
    """Make an empty graph from the whole journal of a server that is not running."""
    said, taken = command("rebuild", "--home", str(home), on=on)
    return [
        Figure(
            f"rebuild of {said['events']:,} events {what}, start-up included",
            said["events"] / taken,
            "events/s",
            targets.REBUILD,
        )
    ]


async def page(connection: Connection, key: str, direction: str = "downstream", **more: object) -> Answer:
    """Ask for one page of a walk."""
    return await connection.get(f"/api/v1/graph/{direction}", **{"key": key, "limit": PAGE, **more})


async def _paths(connection: Connection, source: str, target: str) -> Answer:
    return await connection.get("/api/v1/graph/paths", **{"from": source, "to": target})


async def _with_totals(connection: Connection, key: str, more: str = "") -> Answer:
    query = {"query": _TOTALS % (json.dumps(key), more)}
    return await connection.post("/graphql", json.dumps(query).encode())


def seconds(answers: Sequence[Answer]) -> list[float]:
    """Give how long each answer took."""
    return [answer.seconds for answer in answers]


def expect(answers: Sequence[Answer], statuses: set[int]) -> None:
    """Refuse to measure answers of another status."""
    odd = next((answer for answer in answers if answer.status not in statuses), None)
    if odd is not None:
        raise RuntimeError(f"answered {odd.status}: {odd.body[:500]!r}")


def run(coroutine: Coroutine[Any, Any, Measured]) -> Measured:
    """Run one measurement."""
    return asyncio.run(coroutine)
