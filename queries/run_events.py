"""How are a run's events asked for, page by page, in order of their times?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from graph_schema.errors import NotCaughtUp
from graph_schema.identity import parse_key
from queries.cursors import decode_cursor, encode_cursor
from queries.limits import Limits, check_rows
from queries.nodes import read_run
from queries.projection import POLL_FIRST_S, Projection
from queries.received import AcceptedEvent
from queries.results import PageInfo, RunEvent, RunEventPage
from queries.store import GraphStore

ROWS_DEFAULT: Final = 20
_PATIENCE_S: Final = 2.0
"""The state is kept a moment after the graph was written; a rebuild takes longer, and is told by the graph."""


class RunEvents(Protocol):
    """What reads events as they were accepted (`ingest/run_events.py`)."""

    def accepted(self, *, after: int, limit: int) -> list[AcceptedEvent]:
        """Give the next events in order of receipt; fewer come where they are long, none only where there are no more."""
        ...

    def read(self, run: str, *, after: str, limit: int) -> tuple[int, list[RunEvent]]:
        """Give the position up to which it knows them, and the next ones after an order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEventQuestion:
    """Of which run (a UUID or its key), and which page; suspect events come first, then by time."""

    run: str
    first: int = ROWS_DEFAULT
    after: str | None = None


async def run_events(
    store: GraphStore,
    reader: RunEvents,
    question: RunEventQuestion,
    limits: Limits,
    *,
    projection: Projection,
) -> RunEventPage:
    """Answer a question; raises BadInput, NodeNotFound, LimitExceeded, NotCaughtUp, StoreUnavailable."""
    check_rows(question.first, limits.page_max, "events")
    run = await read_run(store, question.run)
    identity = ["run_events", run.key]
    order = "" if question.after is None else decode_cursor(question.after, identity, tuple[str])[0]
    uuid = parse_key(run.key).parts[0]
    end = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        known, found = await asyncio.to_thread(reader.read, uuid, after=order, limit=question.first)
        if known >= projection.cursor:
            break
        if asyncio.get_running_loop().time() >= end:
            raise NotCaughtUp(
                f"the projector's state holds events up to position {known}, not yet {projection.cursor}; ask again",
                position=projection.position,
            )
        await asyncio.sleep(POLL_FIRST_S)
    more = False
    if found or question.first == 0:
        last = found[-1].order if found else order
        more = bool((await asyncio.to_thread(reader.read, uuid, after=last, limit=1))[1])
    cursor = encode_cursor(identity, (found[-1].order,)) if found else None
    return RunEventPage(run.key, found, PageInfo(more, cursor), projection.position)
