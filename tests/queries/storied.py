"""How does a test ask a graph that was made of a short story of events, the whole way from journal to engine?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from queries.store import GraphStore
from tests.arrows import story
from tests.engine import Database
from tests.laws.kept import records_of
from tests.laws.projected import home

T = TypeVar("T")
Json = dict[str, Any]


@asynccontextmanager
async def told(store: GraphStore, folder: Path, events: Iterable[tuple[Json, bool]]) -> AsyncIterator[None]:
    """Project a history into a store that is emptied first."""
    async with home(store, folder, records_of(events)) as made:
        await made.project()
        yield


def after(graph: Database, folder: Path, *lines: str, ask: Callable[[GraphStore], Awaitable[T]]) -> T:
    """Ask once a story was projected."""

    async def work(store: GraphStore) -> T:
        async with told(store, folder, story(*lines)):
            return await ask(store)

    return graph.run(work)
