"""What does one GraphQL request hold in its hands?

Its position (waited for once, whatever number of fields ask), and loaders: what many resolvers ask about
single keys in one step of the execution goes out as one statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request
from strawberry.dataloader import DataLoader

from app.http.calling import caller_of
from app.http.edge import request_id_of
from app.http.waiting import Reading, reading, while_connected
from graph_schema.errors import BadInput

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from app.acts.deciding import Deciding
    from app.acts.telling import Caller
    from app.context import Context
    from app.metrics import Metrics
    from app.settings import Settings
    from app.watching import Watching
    from queries.projection import Projection
    from queries.run_events import RunEvents
    from queries.store import GraphStore

Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Asking:
    """One request's context; of a WebSocket, that of one operation."""

    connection_params: dict[str, Any] | None = None
    """What the first message of a WebSocket said."""

    def __init__(self, request: HTTPConnection) -> None:
        """Remember who asks; nothing is read yet."""
        self._request = request
        self._context: Context = request.app.state.context
        self._reading: asyncio.Task[Reading] | None = None
        self._known_at: str | None = None
        self._loaders: dict[object, DataLoader[str, Any]] = {}

    def anew(self) -> Asking:
        """Give the next operation of the same connection a position and loaders of its own."""
        return Asking(self._request)

    @property
    def connection(self) -> HTTPConnection:
        return self._request

    @property
    def watching(self) -> Watching:
        watching: Watching = self._request.app.state.watching
        return watching

    @property
    def deciding(self) -> Deciding:
        """Give what takes decisions about model versions."""
        deciding: Deciding = self._request.app.state.deciding
        return deciding

    @property
    def caller(self) -> Caller:
        """Say who asks, where auth knows it."""
        return caller_of(self._request)

    @property
    def open_context(self) -> Context:
        """Give what the server holds in its hands."""
        return self._context

    @property
    def metrics(self) -> Metrics:
        return self._context.metrics

    @property
    def store(self) -> GraphStore:
        """Give the graph that this request reads; `projection` was awaited before anything is read."""
        return self._read.store

    @property
    def now(self) -> str:
        """Give the instant that counts as now for this request."""
        return self._read.now

    @property
    def _read(self) -> Reading:
        if self._reading is None:
            raise AssertionError("await `projection` first: it chooses the graph")
        return self._reading.result()

    @property
    def run_events(self) -> RunEvents:
        return self._context.run_events

    @property
    def request_id(self) -> str:
        return request_id_of(self._request.scope)

    @property
    def settings(self) -> Settings:
        return self._context.settings

    @property
    def known_at(self) -> str | None:
        """Give the past that the document asks, for what belongs to its nodes; None is the present."""
        return self._known_at

    async def projection(self, known_at: str | None = None) -> Projection:
        """Wait for the graph asked for, once; raises NotCaughtUp, Rebuilding, Preparing, BadInput.

        A document reads one graph, so that what belongs to a node is read where the node was.
        """
        asked = known_at or None
        if self._reading is None:
            self._known_at = asked
            self._reading = asyncio.create_task(reading(self._request, asked))
        elif asked != self._known_at:
            raise BadInput(
                "one document asks one graph: give each of its questions the same knownAt, or ask in two"
            )
        return (await self._reading).projection

    @property
    def position(self) -> str | None:
        """Give the position if it was waited for and reached."""
        task = self._reading
        known = task is not None and task.done() and not task.cancelled() and task.exception() is None
        return task.result().projection.position if known and task is not None else None

    async def while_connected(self, answering: Coroutine[Any, Any, Answer]) -> Answer:
        """Await an answer, and give it up when the asker hangs up; the operations of a WebSocket end with it anyway."""
        if not isinstance(self._request, Request):
            return await answering
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
