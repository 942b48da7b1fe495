"""Up to where is a long sequence settled, so that it need not be read again?

A job may have 100,000 runs. What came of all observations up to a moment is kept; as long as nothing changes up to
there, a replay goes on from it. The moment is chosen so that no rule reaches across it: D1 unites what lies under one
parent run, selects by map index, and lets a completed run take the place of an open one. What makes a kept one wrong
later, a change before its moment or under a parent run seen before it, deletes it (`ingest/state.py`, the triggers).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ingest.derive.observations import DECLARATIONS, SERVING, Boundary, Evidence, Kind, Observation, completes
from ingest.derive.tracks import Span, Track
from ingest.facets.stated import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Settled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of a pair's first `count` observations, those up to the moment `at`.

    `completed`: a completed run wrote since the last boundary. `by_run`: some run stated something. `knowing`: the
    newest that stated anything stated lineage. `last` is the newest observation.
    """

    at: str = ""
    count: int = 0
    knowing: bool = False
    completed: bool = False
    by_run: bool = False
    last: str = ""
    sources: dict[str, Span] = {}
    sources_closed: dict[str, Track] = {}
    columns: list[tuple[Column, Span]] = []
    columns_closed: list[tuple[Column, Track]] = []


BEGINNING: Final = Settled()
"""Before everything."""


def level_of(count: int, before: int, stride: int) -> int:
    """Give how long a settled part is kept: 0 until the next one is, n until the second one after it of level n.

    Levels are those of a ruler over the number of observations, so what is kept gets sparser with age, and
    an event that is late by n observations finds a part that ends some 2n observations before the end.
    """
    mark = count // stride
    return (mark & -mark).bit_length() if mark > before // stride else 0


class Pace(NamedTuple):
    """How soon a sequence is settled.

    `step`: observations worth settling. `open_runs`: newest observations among which the end of an open run is waited
    for. `stride`: observations after which a settled part is kept for late events to go on from.
    """

    step: int = 8
    open_runs: int = 256
    stride: int = 128


PACE: Final = Pace()


class Settling(NamedTuple):
    """A moment up to which a sequence is settled, and what a replay does not know of what came before it."""

    at: str
    observations: int
    completed: bool
    by_run: bool


def settling(
    observations: Sequence[Observation],
    given: Sequence[bool],
    boundaries: Sequence[Boundary],
    before: Settled,
    *,
    pace: Pace = PACE,
) -> Settling | None:
    """Give the newest moment that no rule reaches across, or None when there is none worth keeping."""
    if len(observations) < pace.step or any(_never_settled(o) for o in observations):
        return None
    ordered = sorted(zip(observations, given, strict=True), key=lambda item: item[0].at)
    moments = [o.at for o, _ in ordered]
    inside = _unreached(moments, observations, boundaries, _waited_for(ordered, pace))
    if inside < pace.step:
        return None
    at = moments[inside - 1]
    drops = sorted(boundary.at for boundary in boundaries if boundary.at <= at)
    settled = [o for o, _ in ordered[:inside]]
    counted = [o for o, counts in ordered[:inside] if counts]
    completed = {bisect_right(drops, o.at) for o in counted if completes(o)} | (
        {0} if before.completed else set()
    )
    by_run = before.by_run or any(o.run and not o.content.silent for o in counted)
    if any(o.kind == Kind.PROVISIONAL and bisect_right(drops, o.at) not in completed for o in settled):
        return None  # the end of a later run may take their place
    if not by_run and any(o.kind in DECLARATIONS for o in settled):
        return None  # a later run may take their place
    return Settling(at, before.count + inside, len(drops) in completed, by_run)


def _never_settled(observation: Observation) -> bool:
    """Tell whether its effect depends on runs open at the same time, or on what other jobs write."""
    renames = any(evidence == Evidence.RENAME for _, evidence in observation.content.sources)
    return observation.kind in SERVING | {Kind.SERVICE_END} or renames


def _waited_for(ordered: Sequence[tuple[Observation, bool]], pace: Pace) -> int:
    """Count the observations before those of runs whose end is still waited for: it will replace them."""
    for i in range(max(0, len(ordered) - pace.open_runs), len(ordered)):
        if ordered[i][0].kind == Kind.PROVISIONAL:
            return i
    return len(ordered)


def _unreached(
    moments: Sequence[str],
    observations: Sequence[Observation],
    boundaries: Sequence[Boundary],
    limit: int,
) -> int:
    """Count the observations up to the newest moment that no group of them lies on both sides of."""
    for first, last in sorted(_reaches(observations, boundaries), key=lambda reach: reach[1], reverse=True):
        # Going by the end, what was passed before cannot come to lie across an earlier moment.
        if limit and first <= moments[limit - 1] < last:
            limit = bisect_left(moments, first)
    return bisect_left(moments, moments[limit]) if limit < len(moments) else limit


def _reaches(
    observations: Sequence[Observation], boundaries: Sequence[Boundary]
) -> Iterable[tuple[str, str]]:
    """Give first and last moment of what belongs together: under one parent run, or by one run that dropped."""
    together: dict[tuple[str, int], list[str]] = defaultdict(list)
    droppers = {(boundary.run, boundary.attempt) for boundary in boundaries if boundary.run}
    for boundary in boundaries:
        together[boundary.run, boundary.attempt].append(boundary.at)
    for o in observations:
        if (o.run, o.attempt) in droppers:
            together[o.run, o.attempt].append(o.at)
        if o.parent is not None:
            together[o.parent, -1].append(o.at)
    return [(min(ats), max(ats)) for (run, _), ats in together.items() if run]
