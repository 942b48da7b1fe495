"""What does one GraphQL request hold in its hands?

Its position (waited for once, whatever number of fields ask), and loaders: what many resolvers ask about
single keys in one step of the execution goes out as one statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

from app.http.edge import request_id_of
from app.http.waiting import caught_up, while_connected

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context
    from app.settings import Settings
    from queries.projection import Projection
    from queries.run_events import RunEvents
    from queries.store import GraphStore

Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Asking:
    """One request's context."""

    def __init__(self, request: Request) -> None:
        """Remember who asks; nothing is read yet."""
        self._request = request
        self._context: Context = request.app.state.context
        self._projection: asyncio.Task[Projection] | None = None
        self._loaders: dict[object, DataLoader[str, Any]] = {}

    @property
    def store(self) -> GraphStore:
        return self._context.store

    @property
    def run_events(self) -> RunEvents:
        return self._context.run_events

    @property
    def request_id(self) -> str:
        return request_id_of(self._request.scope)

    @property
    def settings(self) -> Settings:
        return self._context.settings

    async def projection(self) -> Projection:
        """Wait for the position asked for, once; raises NotCaughtUp, Rebuilding, BadInput."""
        if self._projection is None:
            self._projection = asyncio.create_task(caught_up(self._request))
        return await self._projection

    @property
    def position(self) -> str | None:
        """Give the position if it was waited for and reached."""
        task = self._projection
        known = task is not None and task.done() and not task.cancelled() and task.exception() is None
        return task.result().position if known and task is not None else None

    async def while_connected(self, answering: Coroutine[Any, Any, Answer]) -> Answer:
        """Await an answer, and give it up when the asker hangs up."""
        return await while_connected(self._request, answering)

    async def load(
        self, read: Callable[..., Awaitable[Mapping[str, Value]]], *before: Any, key: str, **after: Any
    ) -> Value | None:
        """Read one key's value by a function that reads many: `read(store, *before, keys, **after)`."""
        name = (read, before, tuple(sorted(after.items())))
        loader = self._loaders.get(name)
        if loader is None:

            async def read_many(keys: list[str]) -> list[Value | None]:
                found = await read(self.store, *before, keys, **after)
                return [found.get(one) for one in keys]

            loader = self._loaders[name] = DataLoader(load_fn=read_many)
        value: Value | None = await loader.load(key)
        return value
