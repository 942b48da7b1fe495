"""What shapes do accepted events have, and those that the Marquez behind does not have?"""

from __future__ import annotations

from typing import Any

import msgspec

from queries.results import PageInfo


class AcceptedEvent(msgspec.Struct, frozen=True):
    """An event as it was accepted, passwords in addresses replaced; `position` is its place in the journal."""

    position: str
    received_at: str
    source: str
    suspect: bool
    body: Any


class AcceptedPage(msgspec.Struct, frozen=True):
    """Events in the order of receipt; `end_cursor` is the position to go on after."""

    events: list[AcceptedEvent]
    page_info: PageInfo
    position: str


class ForwardRefused(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the Marquez behind does not have, and its answer, cut.

    `reason` is refused (it will say so again), gave_up (it failed on this one again and again, while it took others) or
    skipped (somebody said so).
    """

    position: str
    at: str
    reason: str
    status: int | None
    answer: str
    tries: int
    run: str | None
    job: str | None
