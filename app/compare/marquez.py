"""What does a Marquez say? Read over its read API, page by page, some questions at once.

A question that it answers with an error, or not at all, is told as unreadable, and what it would have said is not compared.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote

import httpx

from app.compare.around import backward, beside
from app.compare.side import Run, Side, Unreadable
from graph_schema.errors import StoreUnavailable
from graph_schema.identity import dataset_key, field_key, job_key, run_key

PAGE_ROWS: Final = 100
TRIES_MAX: Final = 3
PAUSE_S: Final = 0.5
ANSWER_CHARS: Final = 300
NOT_FOUND: Final = 404
OK: Final = 200
SERVER_FAULTS: Final = 500

Json = dict[str, Any]
Say = Callable[[str, int, int], object]
Read = Callable[[], Awaitable[None]]


class Answer(NamedTuple):
    """What came back; without a status nothing did, and `body` says why."""

    status: int | None
    body: Any


class Peer(Protocol):
    """Who answers questions of the read API: a server, or what one was recorded to answer."""

    async def get(self, path: str) -> Answer:
        """Ask for a path with its query."""
        ...


@dataclass(frozen=True, slots=True)
class Server:
    """A running Marquez."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> Answer:
        """Ask, and again where the network fails."""
        said = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2**attempt)
            try:
                answer = await self.client.get(path)
            except (httpx.HTTPError, OSError) as error:
                said = str(error) or type(error).__name__
                continue
            try:
                return Answer(answer.status_code, answer.json())
            except ValueError:
                return Answer(answer.status_code, answer.text)
        return Answer(None, said)


class _Unanswered(Exception):
    """A question that was not answered."""


@dataclass(slots=True)
class _Reader:
    peer: Peer
    at_once: asyncio.Semaphore
    side: Side = field(default_factory=Side)
    failed: Counter[str] = field(default_factory=Counter)
    said: dict[str, str] = field(default_factory=dict)

    async def ask(self, what: str, path: str) -> Any:
        """Give an answer's body; None where there is no such thing. Raises _Unanswered, which is taken note of."""
        async with self.at_once:
            answer = await self.peer.get(path)
        if answer.status == OK:
            return answer.body
        if answer.status == NOT_FOUND:
            return None
        status = "no answer" if answer.status is None else str(answer.status)
        self.failed[what] += 1
        self.said.setdefault(what, f"{status} for {path}: {str(answer.body)[:ANSWER_CHARS]}")
        raise _Unanswered(what)

    async def pages(self, what: str, path: str, member: str, *, strict: bool = False) -> AsyncIterator[Json]:
        """Go through a list; it ends at a page that is not full, or where it is not answered, which `strict` raises."""
        offset = 0
        while True:
            try:
                body = await self.ask(what, f"{path}?limit={PAGE_ROWS}&offset={offset}")
            except _Unanswered:
                if strict:
                    raise
                return
            rows = body[member] if body else []
            for row in rows:
                yield row
            offset += len(rows)
            if len(rows) < PAGE_ROWS:
                return


async def read_marquez(
    peer: Peer, say: Say, *, at_once: int = 4, runs_max: int = 1_000, only: Sequence[str] = ()
) -> Side:
    """Read everything that is compared, of some namespaces where `only` names any; raises StoreUnavailable where not even the
    list of namespaces can be read.
    """
    reader = _Reader(peer, asyncio.Semaphore(at_once))
    namespaces = [one["name"] async for one in reader.pages("namespaces", "/api/v1/namespaces", "namespaces")]
    if reader.failed:
        raise StoreUnavailable(
            f"Marquez cannot be read ({reader.said['namespaces']}); give --url of a running one"
        )
    namespaces = [one for one in namespaces if not only or one in only]
    asked: list[Read] = []
    for namespace in namespaces:
        base = f"/api/v1/namespaces/{quote(namespace, safe='')}"
        jobs = reader.pages("jobs", f"{base}/jobs", "jobs")
        asked += [_job(reader, base, job, runs_max) async for job in jobs]
        datasets = reader.pages("datasets", f"{base}/datasets", "datasets")
        asked += [_dataset(reader, base, dataset) async for dataset in datasets]
        say("their namespaces", namespaces.index(namespace) + 1, len(namespaces))
    await _all(asked, at_once, say)
    reader.side.unreadable = [
        Unreadable(what, times, reader.said[what]) for what, times in sorted(reader.failed.items())
    ]
    return reader.side


async def _all(asked: list[Read], at_once: int, say: Say) -> None:
    waiting = iter(enumerate(asked, 1))

    async def work() -> None:
        for number, read in waiting:
            await read()
            say("their jobs and datasets", number, len(asked))

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


def _job(reader: _Reader, base: str, job: Json, runs_max: int) -> Read:
    async def read() -> None:
        side, name = reader.side, job["name"]
        key = job_key(job["namespace"], name)
        side.jobs.add(key)
        for run in job["latestRuns"] or ():
            side.runs[run_key(run["id"])] = Run(key, run["state"])
        runs = 0
        try:
            async for run in reader.pages(
                "runs", f"{base}/jobs/{quote(name, safe='')}/runs", "runs", strict=True
            ):
                if runs >= runs_max:
                    side.runs_cut.add(key)
                    break
                side.runs[run_key(run["id"])] = Run(key, run["state"])
                runs += 1
        except _Unanswered:
            side.runs_cut.add(key)
        await _edges(reader, job, key)

    return read


async def _edges(reader: _Reader, job: Json, key: str) -> None:
    """Read a job's edges as its lineage shows them, and who stands beside it there."""
    node = f"job:{job['namespace']}:{job['name']}"
    try:
        body = await reader.ask("lineage", f"/api/v1/lineage?nodeId={quote(node, safe='')}&depth=1")
    except _Unanswered:
        reader.side.edges_unknown.add(key)
        return
    nodes: Mapping[str, Json] = {one["id"]: one for one in (body or {}).get("graph", ())}
    own = nodes.get(node, {})
    for edge in own.get("inEdges", ()):
        reader.side.inputs.add((_dataset_of(nodes, edge["origin"]), key))
    for edge in own.get("outEdges", ()):
        reader.side.outputs.add((key, _dataset_of(nodes, edge["destination"])))
    found = beside(nodes, node)
    if found:
        reader.side.beside[key] = found


def _dataset_of(nodes: Mapping[str, Json], node: str) -> str:
    """Give our key of a dataset's node: its names stand in its data, as they cannot be had from the id for certain."""
    data = nodes[node]["data"]
    return dataset_key(data["namespace"], data["name"])


def _dataset(reader: _Reader, base: str, dataset: Json) -> Read:
    async def read() -> None:
        side = reader.side
        key = dataset_key(dataset["namespace"], dataset["name"])
        side.datasets.add(key)
        for one in dataset["fields"]:
            column = field_key(key, one["name"])
            side.fields[column] = side.fields.get(column, 0) + 1
        try:
            whole = await reader.ask("datasets", f"{base}/datasets/{quote(dataset['name'], safe='')}")
        except _Unanswered:
            side.columns_unknown.add(key)
            return
        for told in (whole or {}).get("columnLineage") or ():
            target = field_key(key, told["name"])
            for one in told["inputFields"]:
                source = field_key(dataset_key(one["namespace"], one["dataset"]), one["field"])
                side.columns.add((source, target))
        await _look(reader, dataset)

    return read


async def _look(reader: _Reader, dataset: Json) -> None:
    """Ask for the lineage of a first column, as people do, to know whether it is answered."""
    for one in dataset["fields"][:1]:
        node = f"datasetField:{dataset['namespace']}:{dataset['name']}:{one['name']}"
        try:
            body = await reader.ask(
                "column lineage", f"/api/v1/column-lineage?nodeId={quote(node, safe='')}&depth=3"
            )
        except _Unanswered:
            return
        reader.side.backward = reader.side.backward or backward((body or {}).get("graph", ()))
