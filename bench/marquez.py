"""How does a server of ours compare with a Marquez, both on this machine, one after the other?

The Marquez is one that runs already, started with an empty database by whoever measures, since its server is on no package
registry. Both get the same events from the same poster over as many connections; the first half warms both up.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from bench import estate, processes, targets
from bench.estate import Size
from bench.figures import Figure, timed
from bench.measure import bodies_of, expect, page, seconds
from bench.subjects import Subject
from bench.wire import Answer, Connection, wait_projected

MARQUEZ: Final = "marquez"
JOBS: Final = 1_000
PATIENCE_S: Final = 60.0
"""How long an answer is waited for: Marquez gives none to some questions."""

_PORT: Final = 80
_DATABASE_PORT: Final = 5432
_CREATED: Final = 201
_OF_A_RUN: Final = 2
"""Events of each run of the estate."""

_ANCHORS: Final = 6
_COLUMNS: Final = 3
_ROUNDS: Final = 20
"""Times ours is asked; as everywhere, the first half warms it up, of Marquez's two rounds the first."""

_WHOLE: Final = 10_000
_PROJECT_TIMEOUT_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A Marquez that runs: its address, and the ports that it and its database listen on."""

    url: str
    ports: tuple[int, ...]

    def cpu_s(self) -> float:
        """Give the CPU seconds that server and database have used so far; raises RuntimeError where they are not here."""
        roots = [pid for port in self.ports for pid in processes.listening(port)]
        if len(roots) < len(self.ports):
            raise RuntimeError(f"nobody on this machine listens on one of {self.ports}")
        return sum(one.cpu_s for root in roots for one in processes.tree(root))


def peer_of(url: str, database: str) -> Peer:
    """Name a Marquez and its PostgreSQL by their addresses."""
    return Peer(url, (urlsplit(url).port or _PORT, urlsplit(database).port or _DATABASE_PORT))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a server did with the estate: events accepted and in its model a second, CPU an event, seconds of answers.

    `failed` counts events that were answered by something else than 201.
    """

    accepted_s: float
    modelled_s: float
    cpu_ms: float
    lineage_s: list[float]
    columns_s: list[float]
    failed: int


def size_of(jobs: int, *, runs: int, seed: int) -> Size:
    """Lay out an estate of about as many jobs: nine of ten datasets are written by one."""
    return Size(jobs * 10 // 9, runs=runs, seed=seed, sums=True)


async def measure_marquez(peer: Peer, size: Size, *, connections: int) -> Measured:
    """Post the estate to Marquez and ask it; it has an event in its model when it answers."""
    async with Connection(peer.url) as connection:
        jobs = await connection.get(f"/api/v1/namespaces/{estate.NAMESPACE}/jobs", limit=1)
        if jobs.status == 200 and jobs.json()["totalCount"]:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{peer.url} has the estate of an earlier run: give it an empty database")
    before, after = _halves(size)
    answers = await _post(peer.url, before, connections=connections)
    used, begin = peer.cpu_s(), time.perf_counter()
    answers += await _post(peer.url, after, connections=connections)
    taken, used = time.perf_counter() - begin, peer.cpu_s() - used
    async with Connection(peer.url) as connection:
        asked = [
            await connection.get(
                "/api/v1/lineage", nodeId=f"job:{estate.NAMESPACE}:{estate.dag(job)}.{estate.task(job)}"
            )
            for job in _anchors(size) * 2
        ]
    expect(asked, {200})
    asked = asked[_ANCHORS:]
    rate = len(after) / taken
    columns = [await _column(peer, one) for one in _roots(size)]
    return Measured(rate, rate, 1000 * used / len(after), seconds(asked), columns, _failed(answers))


async def measure_ours(subject: Subject, size: Size, *, connections: int) -> Measured:
    """Post the estate to a server of ours, wait for the graph, and ask it for the same and more."""
    before, after = _halves(size)
    answers = await _post(subject.url, before, connections=connections)
    await wait_projected(subject.url, timeout_s=_PROJECT_TIMEOUT_S)
    used, begin = sum(subject.cpu_s().values()), time.perf_counter()
    answers += await _post(subject.url, after, connections=connections)
    accepted = time.perf_counter() - begin
    await wait_projected(subject.url, timeout_s=_PROJECT_TIMEOUT_S)
    projected, used = time.perf_counter() - begin, sum(subject.cpu_s().values()) - used
    async with Connection(subject.url) as connection:
        lineage = [await _both_ways(connection, job) for _ in range(_ROUNDS) for job in _anchors(size)]
        columns = [
            await page(connection, f"{estate.table_key(one)}#{estate.SUM}", granularity="FIELD", limit=_WHOLE)
            for _ in range(_ROUNDS)
            for one in _roots(size)
        ]
    expect(columns, {200})
    return Measured(
        len(after) / accepted,
        len(after) / projected,
        1000 * used / len(after),
        lineage[len(lineage) // 2 :],
        seconds(columns)[len(columns) // 2 :],
        _failed(answers),
    )


def figures(theirs: Measured, ours: Measured) -> Iterator[Figure]:
    """Put both beside each other: what each did, and the ratios that are asked for."""
    for what, their, our, target in (
        ("accepted", theirs.accepted_s, ours.accepted_s, targets.ACCEPTED_RATIO),
        ("in the model or graph", theirs.modelled_s, ours.modelled_s, targets.PROJECTED_RATIO),
    ):
        note = f"{our:,.0f} against {their:,.1f} events/s"
        yield Figure(f"events {what}, against Marquez", our / their, "times", target, note=note)
    yield Figure(
        "CPU of an event, engine or database included, of Marquez's",
        theirs.cpu_ms / ours.cpu_ms,
        "th part",
        targets.CPU_RATIO,
        note=f"{ours.cpu_ms:.2f} against {theirs.cpu_ms:.1f} ms",
    )
    yield Figure("events not taken", ours.failed, "", targets.NONE, note=f"Marquez {theirs.failed}")
    their_ms, our_ms = (1000 * median(taken) for taken in (theirs.lineage_s, ours.lineage_s))
    yield Figure(
        "all lineage of a job, against Marquez's default depth",
        their_ms / our_ms,
        "times",
        targets.LINEAGE_RATIO,
        note=f"{our_ms:,.1f} against {their_ms:,.0f} ms, medians",
    )
    unanswered = sum(taken >= PATIENCE_S for taken in theirs.columns_s)
    note = f"Marquez: {unanswered} of {len(theirs.columns_s)} not within {PATIENCE_S:g} s"
    yield timed("all that a column goes into", ours.columns_s, targets.COLUMN, note=note)


def _halves(size: Size) -> tuple[list[bytes], list[bytes]]:
    bodies = list(bodies_of(estate.events(size)))
    middle = len(bodies) // 2 // _OF_A_RUN * _OF_A_RUN
    return bodies[:middle], bodies[middle:]


async def _post(url: str, bodies: Sequence[bytes], *, connections: int) -> list[Answer]:
    """Post single events, those of one run in order over one connection: Marquez needs that."""
    waiting = iter(zip(*[iter(bodies)] * _OF_A_RUN, strict=True))
    answers: list[Answer] = []

    async def work() -> None:
        async with Connection(url) as connection:
            for run in waiting:
                for body in run:
                    answers.append(await connection.post("/api/v1/lineage", body))  # noqa: PERF401 - shared list

    await asyncio.gather(*(work() for _ in range(connections)))
    return answers


def _anchors(size: Size) -> list[int]:
    """Give jobs from all layers, by what they write."""
    flows = estate.flows(size)
    return [flows[place * (len(flows) - 1) // (_ANCHORS - 1)].output for place in range(_ANCHORS)]


def _roots(size: Size) -> list[int]:
    """Draw datasets of the second layer, which a job writes: of a source's columns Marquez knows nothing downstream."""
    rng = random.Random(size.seed)
    return [flow.output for flow in rng.sample(estate.flows(size)[: size.datasets // size.layers], _COLUMNS)]


def _failed(answers: Sequence[Answer]) -> int:
    return sum(answer.status != _CREATED for answer in answers)


async def _both_ways(connection: Connection, job: int) -> float:
    """Ask for all that is upstream and downstream of a job; gives the seconds of both."""
    key = f"job:{estate.NAMESPACE}:{estate.task(job)}"
    answers = [
        await page(connection, key, direction, granularity="JOB", limit=_WHOLE)
        for direction in ("upstream", "downstream")
    ]
    expect(answers, {200})
    return sum(seconds(answers))


async def _column(peer: Peer, number: int) -> float:
    """Ask Marquez what a column goes into; gives the seconds, PATIENCE_S where it does not answer by then."""
    begin = time.perf_counter()
    node = f"datasetField:{estate.NAMESPACE}:{estate.table(number)}:{estate.SUM}"
    async with Connection(peer.url) as connection:
        try:
            async with asyncio.timeout(PATIENCE_S):
                expect(
                    [await connection.get("/api/v1/column-lineage", nodeId=node, withDownstream="true")],
                    {200},
                )
        except TimeoutError:
            return PATIENCE_S
    return time.perf_counter() - begin
