"""Which graph is read, what must it hold before this reader is answered, and is the reader still there?

A position is given by the header X-Headwater-At-Least or by `at_least` in the address; the header goes first.
`known_at` in the address, a position or an instant of receipt, asks the graph as it was known then. Every answer names
the position up to which the graph was made when its reading began.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from graph_schema.errors import BadInput, NotSupported
from graph_schema.instants import now, parse_instant
from queries.projection import Projection, parse_position, read_projection, wait_for

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.requests import HTTPConnection, Request

    from app.context import Context
    from ingest.inbox import Journal
    from queries.store import GraphStore

AT_LEAST: Final = "X-Headwater-At-Least"
POSITION: Final = "X-Headwater-Position"
KNOWN_AT: Final = "known_at"
_READ: Final = "headwater.read"
"""Where a request remembers the past that it reads, until it is answered."""
_POSITION: Final = re.compile(r"[0-9]+", re.ASCII)
_PLUS_AS_BLANK: Final = re.compile(r"(T[0-9:.,]+) ([0-9:]+)$")
LOOK_EVERY_S: Final = 0.5
"""How soon a walk ends after its asker hung up."""

Answer = TypeVar("Answer")


class AskerLeft(Exception):
    """Nobody is there any more to read the answer."""


async def caught_up(request: HTTPConnection) -> Projection:
    """Wait for the position that a request names; raises NotCaughtUp, Rebuilding, BadInput."""
    context: Context = request.app.state.context
    position = request.headers.get(AT_LEAST) or request.query_params.get("at_least") or None
    return await wait_for(context.store, position, context.settings.at_least_timeout_s)


@dataclass(frozen=True, slots=True)
class Reading:
    """The graph that a request reads, up to where it is made, and the instant that counts as now for it."""

    store: GraphStore
    projection: Projection
    now: str


async def reading(request: HTTPConnection, known_at: str | None = None) -> Reading:
    """Give what a request reads: the graph, once it holds what it must, or a past, which `released` lets go.

    `known_at` is what the question itself says; else the address may. Raises NotCaughtUp, Rebuilding, Preparing, BadInput.
    """
    context: Context = request.app.state.context
    known_at = known_at or request.query_params.get(KNOWN_AT)
    if not known_at:
        return Reading(context.store, await caught_up(request), now())
    if request.scope["type"] == "websocket":
        raise NotSupported("what was known then is told over HTTP; a WebSocket tells what is known now")
    if context.pasts is None:
        raise NotSupported("this server makes no graphs of the past; ask without known_at")
    position, at = await asyncio.to_thread(_known, context.journal, known_at)
    at_least = request.headers.get(AT_LEAST) or request.query_params.get("at_least") or None
    if at_least is not None and parse_position(at_least) > position:
        raise BadInput(
            f"what was known at position {position} cannot include position {at_least}; ask with one of the two",
            known_at=str(position),
            at_least=at_least,
        )
    holding = request.scope.setdefault(_READ, AsyncExitStack())
    store = await holding.enter_async_context(context.pasts.at(context.journal.event_at(position)))
    return Reading(store, await read_projection(store), at)


async def released(scope: MutableMapping[str, Any]) -> None:
    """Let go of the past that a request has read, if it did."""
    holding: AsyncExitStack | None = scope.pop(_READ, None)
    if holding is not None:
        await holding.aclose()


def plus_as_blank(text: str) -> str:
    """Mend a time whose offset lost its plus, as it does in an address that was not escaped."""
    return _PLUS_AS_BLANK.sub(r"\1+\2", text)


def _known(journal: Journal, text: str) -> tuple[int, str]:
    """Read a position, or the instant of receipt that it stands for; raises BadInput. Gives both."""
    if _POSITION.fullmatch(text) is None:
        try:
            at = parse_instant(plus_as_blank(text))
        except ValueError as error:
            raise BadInput(
                f"known_at is a position, or a time: {error}; write it like 2026-05-01T00:00:00Z",
                known_at=text[:60],
            ) from error
        return journal.position_at(at), at
    position, end = parse_position(text), journal.last_position()
    if position > end:
        raise BadInput(
            f"the journal ends at position {end}; leave known_at out to ask what is known now",
            known_at=text[:60],
            journal_end=str(end),
        )
    return position, journal.received_at(position) or now()


async def while_connected(request: Request, answering: Coroutine[Any, Any, Answer]) -> Answer:
    """Await an answer, and give it up when its asker hangs up; raises AskerLeft then."""
    task = asyncio.create_task(answering)
    try:
        while True:
            done, _ = await asyncio.wait({task}, timeout=LOOK_EVERY_S)
            if done:
                return task.result()
            if await request.is_disconnected():
                raise AskerLeft
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
