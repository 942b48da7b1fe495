"""How does one event get over the network to a receiver, and what came back?"""

from __future__ import annotations

import asyncio
import json
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import httpx
import orjson

from graph_schema.errors import BadInput, BadJson
from ingest import canonical
from ingest.forward.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATH: Final = "/api/v1/lineage"
ANSWER_BYTES_MAX: Final = 64 * 1024
CONNECT_TIMEOUT_S: Final = 10.0
_LETTERS_MAX: Final = 200


def address(url: str) -> tuple[str, str]:
    """Read a receiver's address: where events are posted, and its name without user and password. Raises BadInput."""
    try:
        read = httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError) as error:
        raise BadInput(f"{url[:_LETTERS_MAX]!r} is no address ({error}); give http://HOST:PORT") from error
    if read.scheme not in {"http", "https"} or not read.host or read.query or read.fragment:
        raise BadInput(
            f"a receiver's address is http://HOST:PORT or https://HOST, and not {read.copy_with(userinfo=b'')}"
        )
    base = read.copy_with(path=read.path.rstrip("/").removesuffix(PATH).rstrip("/") or "/")
    return str(base.copy_with(path=base.path.rstrip("/") + PATH)), str(base.copy_with(userinfo=b"")).rstrip(
        "/"
    )


@asynccontextmanager
async def posting(
    *, api_key: str, connections: int, timeout_s: float, ca_file: Path | None
) -> AsyncIterator[httpx.AsyncClient]:
    """Keep connections to a receiver; raises BadInput for certificates that cannot be read."""
    headers = {"Content-Type": "application/json", "User-Agent": "headwater-forward"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    try:
        trusted = ssl.create_default_context(cafile=ca_file) if ca_file else True
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"{ca_file} cannot be read ({error}); give a PEM file of certificates") from error
    async with httpx.AsyncClient(
        headers=headers,
        verify=trusted,
        timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
    ) as client:
        yield client


async def post(client: httpx.AsyncClient, url: str, body: bytes, *, timeout_s: float) -> Verdict:
    """Send one event and read what came back; a failing network is an answer, too."""
    try:
        async with (
            asyncio.timeout(timeout_s),
            client.stream("POST", url, content=on_the_wire(body)) as answer,
        ):
            return judge(answer.status_code, dict(answer.headers), await _some(answer))
    except (TimeoutError, httpx.TimeoutException):
        what = f"it did not answer within {timeout_s:g} s; is it overloaded? It is tried again"
        return Verdict("again", code="RECEIVER_SLOW", message=what)
    except (httpx.HTTPError, OSError) as error:
        what = f"it cannot be reached ({str(error) or type(error).__name__}); it is tried again"
        return Verdict("again", code="RECEIVER_UNREACHABLE", message=what)


def on_the_wire(body: bytes) -> bytes:
    """Give a body as it was received, unless it is JSON that only a lenient reader takes (a mark of order, UTF-16)."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        with suppress(BadJson):
            return json.dumps(canonical.parse(body)).encode()  # half characters stay escaped
    return body


async def _some(answer: httpx.Response) -> bytes:
    """Read an answer up to a bound: it is shown to people, and may be anything."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size >= ANSWER_BYTES_MAX:
            break
    return b"".join(parts)[:ANSWER_BYTES_MAX]
