"""When is an event sent, when sent again, and when is it given up?

A receiver that fails everything is away: one event at a time tries it, with pauses that grow, and nothing is
ever given up. A receiver that takes other events and fails this one again and again is telling something about the
event: after so many such failures over so long a time it is passed by. Pure: the time and the dice are arguments.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ingest.forward.lanes import Lanes
    from ingest.forward.touched import Touched

EXPONENT_MAX = 20


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient to be: pauses between tries, and after how many failures over how long an event is given up."""

    pause_first_s: float = 0.5
    pause_longest_s: float = 15.0
    tries_max: int = 8
    tries_s: float = 120.0

    def pause_s(self, failures: int, dice: float) -> float:
        """Give the pause after so many failures; `dice` (0 to 1) spreads senders that failed together."""
        doubled = self.pause_first_s * 2.0 ** min(max(failures - 1, 0), EXPONENT_MAX)
        return min(doubled, self.pause_longest_s) * (0.5 + dice / 2)


class Began(NamedTuple):
    """What was known of the receiver when a try began."""

    delivered: int
    failures: int


@dataclass(slots=True)
class Tries:
    """What became of an event's tries so far; `telling` are failures while others were delivered."""

    failed: int = 0
    telling: int = 0
    telling_since: float = 0.0
    delivered_before: int = 0
    not_before: float = 0.0


class Desk:
    """Which of the events that are free goes next?"""

    def __init__(self, lanes: Lanes, pace: Pace) -> None:
        """Begin with a receiver that nothing is known of."""
        self.lanes = lanes
        self.pace = pace
        self.delivered = 0
        self.failures = 0
        """Tries in a row that failed while nothing else was delivered: above 0 the receiver counts as away."""

        self.not_before = 0.0
        self.in_flight: dict[int, Began] = {}
        self._fresh: list[int] = []
        self._tried: dict[int, Tries] = {}

    def add(self, position: int, touched: Touched) -> None:
        """Take an event that was read."""
        if self.lanes.add(position, touched):
            heapq.heappush(self._fresh, position)

    def take(self, now: float) -> int | None:
        """Choose the event to send now, if one may be sent; it is in flight from then on."""
        if now < self.not_before or (self.failures and self.in_flight):
            return None
        position = self._choose(now)
        if position is not None:
            self.in_flight[position] = Began(self.delivered, self.failures)
        return position

    def wakes_at(self) -> float | None:
        """Say when `take` may give an event that it does not give now; None where only news can change that."""
        if self.failures and self.in_flight:
            return None
        due = [tries.not_before for position, tries in self._tried.items() if position not in self.in_flight]
        if self._next_fresh() is not None:
            due.append(0.0)
        return max(min(due), self.not_before) if due else None

    def deliver(self, position: int) -> None:
        """Take note that the receiver has an event."""
        if self.failures:
            self._is_back()
        self.delivered += 1
        self._finish(position)

    def refuse(self, position: int) -> None:
        """Take note that an event will not be sent again; says nothing of others."""
        self._finish(position)

    def fail(self, position: int, now: float, *, dice: float, asked_s: float | None = None) -> bool:
        """Take note of a try without a verdict, after which `asked_s` are to pass; tell whether to give the event up."""
        began = self.in_flight.pop(position)
        tries = self._tried.setdefault(position, Tries(delivered_before=began.delivered))
        tries.failed += 1
        tries.not_before = now + self.pace.pause_s(tries.failed, dice)
        if self.delivered == began.delivered and self.failures == began.failures:
            self.failures += 1
            self.not_before = max(self.not_before, now + self.pace.pause_s(self.failures, dice))
        if asked_s is not None:
            self.not_before = max(self.not_before, now + asked_s)
        if self.delivered > tries.delivered_before:
            tries.telling += 1
            tries.telling_since = tries.telling_since if tries.telling > 1 else now
        tries.delivered_before = self.delivered
        return tries.telling >= self.pace.tries_max and now - tries.telling_since >= self.pace.tries_s

    def failed_tries(self, position: int) -> int:
        """Count an event's tries without a verdict."""
        tries = self._tried.get(position)
        return tries.failed if tries else 0

    def _choose(self, now: float) -> int | None:
        due = [
            (tries.failed if self.failures else 0, position)
            for position, tries in self._tried.items()
            if position not in self.in_flight and tries.not_before <= now
        ]
        tried = min(due, default=None)
        # One that fails for ever must not be the only one that tries a receiver that seems away.
        fresh = self._next_fresh()
        if fresh is not None and (tried is None or self.failures or fresh < tried[1]):
            return heapq.heappop(self._fresh)
        return tried[1] if tried else None

    def _next_fresh(self) -> int | None:
        """Give the first that was never tried; one that was passed by meanwhile is forgotten."""
        while self._fresh and self._fresh[0] not in self.lanes:
            heapq.heappop(self._fresh)
        return self._fresh[0] if self._fresh else None

    def _is_back(self) -> None:
        """Let those that failed with all others go at once."""
        self.failures = 0
        self.not_before = 0.0
        for tries in self._tried.values():
            if not tries.telling:
                tries.not_before = 0.0

    def _finish(self, position: int) -> None:
        self.in_flight.pop(position, None)
        self._tried.pop(position, None)
        for free in self.lanes.finish(position):
            heapq.heappush(self._fresh, free)
