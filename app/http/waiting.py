"""What must the graph hold before this reader is answered, and is the reader still there?

A position is given by the header X-Headwater-At-Least or by `at_least` in the address; the header goes first.
Every answer names the position up to which the graph was made when its reading began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from queries.projection import Projection, wait_for

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request

    from app.context import Context

AT_LEAST: Final = "X-Headwater-At-Least"
POSITION: Final = "X-Headwater-Position"
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
