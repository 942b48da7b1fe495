"""How is an empty graph filled by ArcadeDB's own bulk import? One request: all nodes, then all edges.

It takes half the time of statements, and is spoken over HTTP, to the embedded engine alone. An edge names its ends by
the places of two nodes in the request, so the engine keeps twelve bytes for each node and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import httpx
import orjson

from graph_schema.errors import StoreUnavailable
from graph_schema.relationships import TYPES
from graph_schema.words import WORDED
from queries.migrate import migrate_anew
from queries.store import GraphStore, StatementFailed

_SILENCE_S: Final = 5.0
"""The engine gives up on a sender that is silent for 30 s; an empty line is no silence."""

_WAITS_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""How long to wait before each further try to reach an engine that has just been started."""

_KEPT: Final = frozenset({"Migration", "Projection"})
_PARAMETERS: Final = {
    "refMode": "ordinal",
    "wal": "true",  # otherwise a kill soon after would take what the cursor says is there
    "edgeListInitialSize": "64",  # most nodes have few edges: 2,048 bytes for each would be most of the file
    "preAllocateEdgeChunks": "false",
    "parallelFlush": "false",
    "idMapping": "false",
    "commitEvery": "5000",
}


def node_line(labels: str, row: Mapping[str, Any]) -> bytes:
    """Write a node; what is unknown is left out. `labels` joins several by `~`."""
    known = {name: value for name, value in row.items() if value is not None}
    return orjson.dumps({"@type": "v", "@class": labels, **known}) + b"\n"


def edge_tail(kind: str, props: Mapping[str, Any]) -> bytes:
    """Write an edge but for its ends, which `edge_line` puts before it."""
    known = {name: value for name, value in props.items() if value is not None}
    return orjson.dumps({"@type": "e", "@class": kind, **known})[1:] + b"\n"


def edge_line(source: int, target: int, tail: bytes) -> bytes:
    """Write an edge between the nodes at two places."""
    return b'{"@from":"%d","@to":"%d",%b' % (source, target, tail)


class ArcadeBulk:
    """The HTTP side of an embedded engine."""

    def __init__(self, url: str, *, user: str, password: str, database: str) -> None:
        """Remember where to; nothing is sent yet."""
        self._url = url
        self._auth = (user, password)
        self._database = database

    async def create(self) -> None:
        """Make the database."""
        await self._command(f"create database {self._database}")

    async def drop(self) -> None:
        """Take the database away, with all it holds."""
        await self._command(f"drop database {self._database}")

    async def _command(self, command: str) -> None:
        async with self._client() as client:
            await self._asked(client.post("/api/v1/server", json={"command": command}))

    async def empty(self, store: GraphStore) -> None:
        """Drop every type that holds anything, but those that say what this graph is, and make them anew, empty."""
        async with self._client() as client:
            found = await self._sql(client, "SELECT name, type, records FROM schema:types")
            full = {one["name"] for one in found if one["records"]} - _KEPT
            # A type of several labels goes with each of those that it is made of, and before it.
            mixed = {one["name"] for one in found if full.intersection(one["name"].split("~"))}
            for name in sorted(full | mixed, key=lambda name: "~" not in name):
                await self._sql(client, f"DROP TYPE `{name}` IF EXISTS UNSAFE")
            if full:
                await migrate_anew(store)
                await self.index_words()
            for name in set(TYPES) - ({one["name"] for one in found} - full):
                await self._sql(client, f"CREATE EDGE TYPE `{name}` IF NOT EXISTS")

    async def index_words(self) -> None:
        """Make what search asks, and wait for an engine that takes Bolt already and HTTP not yet."""
        for wait_s in _WAITS_S:
            try:
                await self._index_words()
            except StoreUnavailable:
                await asyncio.sleep(wait_s)
            else:
                return
        await self._index_words()

    async def _index_words(self) -> None:
        """Make what `headwater search` asks, where it is missing: the engine takes this in its SQL alone.

        Its scores are not used, and CLASSIC keeps no counts for them that would be taken anew after a crash.
        """
        async with self._client() as client:
            for label in WORDED:
                await self._sql(client, f"CREATE VERTEX TYPE `{label}` IF NOT EXISTS")
                await self._sql(client, f"CREATE PROPERTY `{label}`.words IF NOT EXISTS STRING")
                await self._sql(
                    client,
                    f"CREATE INDEX IF NOT EXISTS ON `{label}` (words) FULL_TEXT METADATA "
                    '{"similarity": "CLASSIC"}',
                )

    async def fill(self, lines: AsyncIterator[bytes]) -> tuple[int, int]:
        """Load lines, nodes before edges; give how many of each the engine made."""
        headers = {"content-type": "application/x-ndjson"}
        async with self._client() as client:
            answer = await self._asked(
                client.post(
                    f"/api/v1/batch/{self._database}",
                    params=_PARAMETERS, content=_never_silent(lines), headers=headers,
                )
            )  # fmt: skip
        return answer["verticesCreated"], answer["edgesCreated"]

    async def _sql(self, client: httpx.AsyncClient, command: str) -> list[dict[str, Any]]:
        asking = client.post(
            f"/api/v1/command/{self._database}", json={"language": "sql", "command": command}
        )
        found: list[dict[str, Any]] = (await self._asked(asking))["result"]
        return found

    async def _asked(self, asking: Any) -> dict[str, Any]:
        try:
            answer: httpx.Response = await asking
        except httpx.HTTPError as error:
            raise StoreUnavailable(
                f"the graph engine cannot be used now ({error!r}); the rebuild is begun again"
            ) from error
        if answer.status_code != httpx.codes.OK:
            raise StatementFailed(f"the bulk import was refused: {answer.status_code} {answer.text[:1000]}")
        read: dict[str, Any] = answer.json()
        return read

    def _client(self) -> httpx.AsyncClient:
        timeout = httpx.Timeout(None, connect=5.0)
        return httpx.AsyncClient(base_url=self._url, auth=self._auth, timeout=timeout, trust_env=False)


async def _never_silent(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass lines on; while the next ones are still being made, send an empty line now and then."""
    coming: asyncio.Future[bytes] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(lines))
            while not (await asyncio.wait({coming}, timeout=_SILENCE_S))[0]:
                yield b"\n"
            try:
                yield coming.result()
            except StopAsyncIteration:
                return
    finally:
        if coming is not None:
            coming.cancel()
