"""How are both sides read and compared, for a command that waits for it?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import httpx

from app.compare.marquez import Peer, Server, read_marquez
from app.compare.ours import read_events, read_ours, settled
from app.compare.report import Comparison, compare
from app.compare.side import Side
from graph_schema.errors import BadInput

Say = Callable[[str, int, int], object]


@asynccontextmanager
async def reading(url: str, *, api_key: str, timeout_s: float, at_once: int) -> AsyncIterator[Peer]:
    """Keep connections to a Marquez; raises BadInput for an address that is none."""
    address = url.rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise BadInput(f"{url} is no address; give http://HOST:PORT")
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=timeout_s, limits=limits
    ) as client:
        yield Server(client)


def compare_with(
    client: httpx.Client,
    peer: AbstractAsyncContextManager[Peer],
    say: Say,
    *,
    at_once: int = 4,
    runs_max: int = 1_000,
    only: Sequence[str] = (),
) -> Comparison:
    """Read theirs, then ours, so that what comes meanwhile is not missing here; then compare. `only` names namespaces."""
    theirs = asyncio.run(_theirs(peer, say, at_once=at_once, runs_max=runs_max, only=only)).within(only)
    notes = tuple(settled(client))
    ours = read_ours(client, say).within(only)
    found = compare(ours, theirs, lambda wanted: read_events(client, wanted, ours.position, say))
    return replace(found, notes=notes)


async def _theirs(
    peer: AbstractAsyncContextManager[Peer], say: Say, *, at_once: int, runs_max: int, only: Sequence[str]
) -> Side:
    async with peer as open_peer:
        return await read_marquez(open_peer, say, at_once=at_once, runs_max=runs_max, only=only)
