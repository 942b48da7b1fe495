"""What if the graph engine is away when a process starts? The process starts, and opens it when it can.

Events are taken meanwhile, since the door needs the journal alone; questions are told what stands in the way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from graph_schema.errors import LineageError
from queries.statements import Statement
from queries.store import GraphStore, Row, Step
from queries.stores.driver_errors import NotLetIn

AGAIN_S: Final = 1.0
"""So long the last failure is told at once, before the engine is tried again."""

NOT_LET_IN_AGAIN_S: Final = 30.0
"""The same where user or password was refused: Neo4j locks a user out who is refused three times in a few seconds."""


class LateStore:
    """A graph engine that is opened at its first use, and tried again at later ones until that succeeds."""

    def __init__(self, opening: Callable[[], Awaitable[GraphStore]]) -> None:
        """Keep how to open it; nothing is tried yet."""
        self._opening = opening
        self._store: GraphStore | None = None
        self._turn = asyncio.Lock()
        self._refusal: LineageError | None = None
        self._again_at = 0.0

    @property
    def dialect(self) -> str:
        """Which Cypher the engine speaks; of one that was never reached, what its address most likely means."""
        return "neo4j" if self._store is None else self._store.dialect

    async def read(self, statement: Statement, /, **params: Any) -> list[Row]:
        """Answer one reading statement; raises what stood in the way of opening, too."""
        return await (await self._opened()).read(statement, **params)

    async def write(self, steps: Sequence[Step], /) -> None:
        """Run all steps in one transaction, or none; raises what stood in the way of opening, too."""
        await (await self._opened()).write(steps)

    async def ping(self) -> None:
        """Return when the engine answers."""
        await (await self._opened()).ping()

    async def aclose(self) -> None:
        """Give up all connections."""
        if self._store is not None:
            await self._store.aclose()

    async def _opened(self) -> GraphStore:
        if self._store is not None:
            return self._store
        async with self._turn:
            if self._store is None:
                self._store = await self._open()
        return self._store

    async def _open(self) -> GraphStore:
        now = asyncio.get_running_loop().time
        if self._refusal is not None and now() < self._again_at:
            raise self._refusal.with_traceback(None)
        try:
            return await self._opening()
        except LineageError as error:
            pause_s = NOT_LET_IN_AGAIN_S if isinstance(error, NotLetIn) else AGAIN_S
            self._refusal, self._again_at = error, now() + pause_s
            raise
