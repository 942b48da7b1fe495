"""How are requests sent so that the client costs little? On two cores it shares them with what it measures.

HTTP/1.1 over plain asyncio streams, keep-alive, one request in flight per connection.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One kept-alive connection; use it from one task at a time."""

    def __init__(self, url: str) -> None:
        """Remember where to; the first request connects."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, **query: object) -> Answer:
        target = f"{path}?{urlencode(query)}" if query else path
        return await self._send(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    async def post(self, path: str, body: bytes) -> Answer:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return await self._send(head.encode() + body)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with suppress(OSError):  # the other side may have gone first
                await writer.wait_closed()

    async def _send(self, request: bytes) -> Answer:
        begin = time.perf_counter()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=2**24)
        reader, writer = self._streams
        writer.write(request)
        async with asyncio.timeout(TIMEOUT_S):
            status, body, keep = await _read(reader)
        if not keep:
            await self.aclose()
        return Answer(status, body, time.perf_counter() - begin)


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return status, body, headers.get("connection") != "close"


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


async def post_all(url: str, bodies: Sequence[bytes], *, connections: int) -> list[Answer]:
    """Post every body to /api/v1/lineage, each connection taking the next as soon as it is free."""
    waiting = iter(bodies)
    answers: list[Answer] = []

    async def work() -> None:
        async with Connection(url) as connection:
            for body in waiting:
                answers.append(await connection.post("/api/v1/lineage", body))  # noqa: PERF401 - shared list

    await asyncio.gather(*(work() for _ in range(connections)))
    return answers


async def post_batches(url: str, bodies: Iterable[bytes], *, size: int = 500) -> int:
    """Post the bodies in batches over one connection; gives how many were accepted."""
    accepted = 0
    async with Connection(url) as connection:
        for batch in _chunks(bodies, size):
            body = b"[" + b",".join(batch) + b"]"
            answer = await connection.post("/api/v1/lineage/batch", body)
            while answer.status == 503:  # noqa: PLR2004 - overload: the server asks to come again
                await asyncio.sleep(1)
                answer = await connection.post("/api/v1/lineage/batch", body)
            if answer.status != 200:  # noqa: PLR2004 - the contract's answer to a batch
                raise RuntimeError(f"batch answered {answer.status}: {answer.body[:300]!r}")
            accepted += answer.json()["summary"]["successful"]
    return accepted


def _chunks(bodies: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for body in bodies:
        batch.append(body)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def wait_projected(url: str, *, timeout_s: float) -> None:
    """Wait until /readyz says that everything accepted is in the graph."""
    async with Connection(url) as connection, asyncio.timeout(timeout_s):
        while True:
            answer = await connection.get("/readyz")
            if answer.status == 200 and answer.json()["lag"] == 0:  # noqa: PLR2004 - OK
                return
            await asyncio.sleep(0.05)
