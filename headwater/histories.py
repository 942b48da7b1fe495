"""What does a server tell of the past: intervals, the events of a run, and what changed?"""

from __future__ import annotations

from typing import Any

import msgspec

from headwater.answers import Completeness, PageInfo, Sent
from headwater.nodes import Node, node_of


class Interval(msgspec.Struct, frozen=True):
    """One time during which an edge held: from ≤ t < to; the runs that opened and closed it are keys, where known."""

    valid_from: str | None
    valid_to: str | None
    opened_by: list[str] | None
    closed_by: list[str] | None


class EdgeHistory(msgspec.Struct, frozen=True):
    """Every interval of one edge of one job, oldest first; `earlier` counts those before that are not kept."""

    source: str
    target: str
    job: str | None
    evidence: str
    last_at: str | None
    earlier: int
    intervals: list[Interval]


class Change(msgspec.Struct, frozen=True):
    """CREATED, DROPPED, RENAMED_FROM or RENAMED_TO: what happened to a dataset's name, by which run."""

    kind: str
    at: str | None
    other: str | None = None
    run: str | None = None


class History(msgspec.Struct, frozen=True):
    """What happened to a dataset, and one page of the edges that ever entered it, or came from `source` alone."""

    dataset: str
    source: str | None
    changes: list[Change]
    edges: list[EdgeHistory]
    completeness: Completeness
    page_info: PageInfo


class RunEvent(msgspec.Struct, frozen=True):
    """An event of a run as it was accepted; `event_time` is None for one whose time lies far ahead (`suspect`)."""

    position: str
    event_time: str | None
    event_type: str | None
    received_at: str
    source: str
    suspect: bool
    body: Any


class RunEventPage(msgspec.Struct, frozen=True):
    """One page of a run's events, by time."""

    run: str
    events: list[RunEvent]
    page_info: PageInfo
    position: str

    @property
    def completeness(self) -> Completeness:
        """Say that nothing but pages cuts a list of events."""
        return Completeness(complete=True, truncated_by=[], hidden=0, guessed_edges=0, position=self.position)


class Difference(msgspec.Struct, frozen=True):
    """One thing that is on one side alone, or not the same on both.

    `category` is STRUCTURE, SCHEMA, PARAMETERS or CODE; `change` ADDED, REMOVED or CHANGED; `what` the sort of thing;
    `subject` its key, `target` the other end of an edge, `name` a column's path or a value's dotted name.
    """

    category: str
    change: str
    what: str
    subject: str
    target: str | None
    name: str | None
    before: str | None
    after: str | None


class DiffSide(msgspec.Struct, frozen=True):
    """What was compared: a node, at an instant or as it is now, and the run that made it where one is known."""

    node: Node
    as_of: str | None
    run: str | None


class DifferenceCount(msgspec.Struct, frozen=True):
    """How many differences are of a category and a change."""

    category: str
    change: str
    count: int


class Diff(msgspec.Struct, frozen=True):
    """One page of the differences from side a to side b; `counts` are of all pages.

    `compared_depth` is how far from the roots both sides were compared, None for as far as they go.
    """

    a: DiffSide
    b: DiffSide
    differences: list[Difference]
    counts: list[DifferenceCount]
    compared_depth: int | None
    completeness: Completeness
    page_info: PageInfo


def diff_of(sent: Sent) -> Diff:
    """Make a page of differences; raises msgspec.ValidationError."""
    page = msgspec.convert(sent, Diff)
    sides = {
        name: msgspec.structs.replace(side, node=node_of(sent[name]["node"]))
        for name, side in (("a", page.a), ("b", page.b))
    }
    return msgspec.structs.replace(page, **sides)
