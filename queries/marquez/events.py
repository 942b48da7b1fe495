"""Which run events have their time between two instants, in order of it?

They are found in the projector's state by their times, and come from the journal as they were accepted. Events that claim
a time far ahead of their receipt (suspect ones) come after all others where the newest come first, else before them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from graph_schema.errors import NotCaughtUp
from queries.marquez.catalog import Page
from queries.projection import POLL_FIRST_S, Projection

AFTER_DEFAULT: Final = "1970-01-01T00:00:00.000000Z"
BEFORE_DEFAULT: Final = "2030-01-01T00:00:00.000000Z"
_PATIENCE_S: Final = 2.0
"""The state is kept a moment after the graph was written; a rebuild takes longer, and is told by the graph."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Window:
    """Events whose time is `after` or later and earlier than `before`, newest first or last."""

    after: str = AFTER_DEFAULT
    before: str = BEFORE_DEFAULT
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Events:
    """A page of events, how many there are in all, and whether the page ended early since they are long."""

    bodies: list[Any]
    count: int
    cut: bool


Counts = list[tuple[str, str, int]]
"""(quarter of an hour, type of event, how many)"""


class EventsByTime(Protocol):
    """What reads events by their times (`ingest/event_times.py`)."""

    def read(self, window: Window, page: Page) -> tuple[int, Events]:
        """Give the position up to which it knows events, and a page of them."""
        ...

    def counts(self, since: str) -> tuple[int, Counts]:
        """Give the position up to which it knows events, and how many of each type there are since an instant."""
        ...


async def read_events(reader: EventsByTime, window: Window, page: Page, *, projection: Projection) -> Events:
    """Read a page of events; raises NotCaughtUp, StoreUnavailable."""
    return await _caught_up(lambda: reader.read(window, page), projection)


async def read_counts(reader: EventsByTime, since: str, *, projection: Projection) -> Counts:
    """Read how many events there are since an instant; raises NotCaughtUp, StoreUnavailable."""
    return await _caught_up(lambda: reader.counts(since), projection)


async def _caught_up(reading: Callable[[], tuple[int, Found]], projection: Projection) -> Found:
    """Read again until the state knows what the graph holds."""
    end = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        known, found = await asyncio.to_thread(reading)
        if known >= projection.cursor:
            return found
        if asyncio.get_running_loop().time() >= end:
            raise NotCaughtUp(
                f"the projector's state holds events up to position {known}, not yet {projection.cursor}; ask again",
                position=projection.position,
            )
        await asyncio.sleep(POLL_FIRST_S)
