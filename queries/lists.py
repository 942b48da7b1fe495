"""How are many keys asked about? In lists that one statement takes, the next one asked while the last is looked at.

What is asked side by side ends together: nothing is read on that nobody waits for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

from queries.statements import Statement
from queries.store import GraphStore, Row

One = TypeVar("One")
Other = TypeVar("Other")

AT_ONCE: Final = 2
"""Lists of one question that an engine is asked about at a time: the second core helps, and others ask too."""


def lists(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    """Cut keys into lists of a size."""
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


async def answers(
    store: GraphStore, statement: Statement, keys: Sequence[str], *, size: int, **params: Any
) -> AsyncGenerator[list[Row], None]:
    """Ask a statement with `keys` about each list; yield the rows list by list, in their order.

    Close it (`aclosing`) where it may be left early: then what is still being read is stopped.
    """
    ahead: deque[asyncio.Future[list[Row]]] = deque()
    try:
        for some in lists(keys, size):
            ahead.append(asyncio.ensure_future(store.read(statement, keys=some, **params)))
            if len(ahead) == AT_ONCE:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        for reading in ahead:
            reading.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def read_lists(
    store: GraphStore, statement: Statement, keys: Sequence[str], *, size: int, **params: Any
) -> list[Row]:
    """Ask a statement about each list; give all rows."""
    async with aclosing(answers(store, statement, keys, size=size, **params)) as found:
        return [row async for rows in found for row in rows]


async def together(one: Coroutine[Any, Any, One], other: Coroutine[Any, Any, Other]) -> tuple[One, Other]:
    """Await two answers side by side; where one fails, or nobody waits any more, the other is stopped."""
    asked = asyncio.ensure_future(one), asyncio.ensure_future(other)
    try:
        return await asyncio.gather(*asked)
    finally:
        for reading in asked:
            reading.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
