"""What does a server say to events handed to it, and how is it?"""

from __future__ import annotations

from typing import Any

import msgspec


class Warned(msgspec.Struct, frozen=True):
    """A part of an event that was left out or changed; `index` says of which event, where several were sent."""

    code: str
    pointer: str = ""
    count: int | None = None
    index: int | None = None


class Receipt(msgspec.Struct, frozen=True):
    """That an event is on the server's disk; `position` is what a question gives as `at_least`."""

    position: str
    id: str
    duplicate: bool
    warnings: list[Warned]


class Failed(msgspec.Struct, frozen=True):
    """An event that was refused: the `index` it has among those sent, and why."""

    index: int
    code: str
    reason: str
    pointer: str = ""


class Receipts(msgspec.Struct, frozen=True):
    """What became of many events; `position` is None where none were sent."""

    accepted: int
    duplicates: int
    failed: list[Failed]
    warnings: list[Warned]
    position: str | None


class Status(msgspec.Struct, frozen=True):
    """How a server is: `lag` counts events accepted and not yet in the graph; None is what cannot be asked now.

    `reason` says why the graph cannot be asked, `blocked` why it does not grow, `follow` how a Marquez is followed.
    """

    ready: bool
    lag: int | None
    journal_end: str | None
    projected: str | None
    reason: dict[str, Any] | None = None
    blocked: dict[str, Any] | None = None
    children: dict[str, Any] | None = None
    follow: dict[str, Any] | None = None
