"""How are many keys asked about? In lists that one statement takes, the next one asked while the last is looked at.

What is asked side by side ends together: nothing is read on that nobody waits for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

from queries.statements import Statement, statement
from queries.store import GraphStore, Row

One = TypeVar("One")
Other = TypeVar("Other")

_SERVED: Final = {
    "lineage/upstream_step": "served/upstream_step",
    "lineage/upstream_step_filtered": "served/upstream_step_filtered",
    "lineage/edges_in": "served/edges_in",
    "lineage/links_in": "served/links_in",
}
"""A deployment is fed as a dataset is, and is none: what is asked of datasets' sources is asked of it by a statement of
its own, so that each begins with a key of one label. A deployment feeds nothing."""

AT_ONCE: Final = 2
"""Lists of one question that an engine is asked about at a time: the second core helps, and others ask too."""


def lists(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    """Cut keys into lists of a size."""
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


def _asked(asking: Statement, keys: Sequence[str], size: int) -> Iterator[tuple[Statement, list[str]]]:
    yield from ((asking, some) for some in lists(keys, size))
    if asking.name in _SERVED:
        deployments = [key for key in keys if key.startswith("deployment:")]
        yield from ((statement(_SERVED[asking.name]), some) for some in lists(deployments, size))


async def answers(
    store: GraphStore, asking: Statement, keys: Sequence[str], *, size: int, **params: Any
) -> AsyncGenerator[list[Row], None]:
    """Ask a statement with `keys` about each list; yield the rows list by list, in their order.

    Close it (`aclosing`) where it may be left early: then what is still being read is stopped.
    """
    ahead: deque[asyncio.Future[list[Row]]] = deque()
    try:
        for asked, some in _asked(asking, keys, size):
            ahead.append(asyncio.ensure_future(store.read(asked, keys=some, **params)))
            if len(ahead) == AT_ONCE:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        for reading in ahead:
            reading.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def read_lists(
    store: GraphStore, asking: Statement, keys: Sequence[str], *, size: int, **params: Any
) -> list[Row]:
    """Ask a statement about each list; give all rows."""
    async with aclosing(answers(store, asking, keys, size=size, **params)) as found:
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
