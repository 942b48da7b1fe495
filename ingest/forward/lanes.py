"""What may be in flight, and how far may the cursor stand?

An event is free when nothing that was read before it and is not finished touches the same thing (`touched.py`); what two
events only read does not count. The cursor is the last position before everything that is unfinished, so
whoever goes on from it repeats a little and misses nothing. Pure: knows no clock, no file and no network.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.forward.touched import Touched


class Lanes:
    """The events that were read and are not finished, and what holds each of them up."""

    def __init__(self, cursor: int, beyond: Iterable[int] = ()) -> None:
        """Start where an earlier life ended: at its cursor, with what it finished beyond that."""
        self.read_to = cursor
        self.cursor = cursor
        self.beyond = {position for position in beyond if position > cursor}
        self._unfinished: list[
            int
        ] = []  # a heap of positions after the cursor; what is finished leaves it late
        self._touched: dict[int, Touched] = {}
        self._held_by: dict[int, int] = {}
        self._holds: dict[int, list[int]] = {}
        self._changer: dict[str, int] = {}
        self._readers: dict[str, set[int]] = {}

    def __len__(self) -> int:
        """Count what is unfinished."""
        return len(self._touched)

    def __contains__(self, position: int) -> bool:
        """Tell whether an event is unfinished."""
        return position in self._touched

    def is_free(self, position: int) -> bool:
        """Tell whether an event is unfinished and waits for no other."""
        return self._held_by.get(position) == 0

    def is_done(self, position: int) -> bool:
        """Tell whether an event was finished, in this life or an earlier one."""
        return position in self.beyond or (position <= self.cursor and position not in self._touched)

    def add(self, position: int, touched: Touched) -> bool:
        """Take an event that was read, in the order of the journal; tell whether it is free."""
        if position > self.read_to:
            heapq.heappush(self._unfinished, position)
            self.read_to = position
            self._advance()  # what lies between is no event
        holders = self._holders(position, touched)
        self._touched[position] = touched
        self._held_by[position] = len(holders)
        for holder in holders:
            self._holds.setdefault(holder, []).append(position)
        return not holders

    def skip(self, position: int) -> None:
        """Take note of an event that is not to be sent, or was sent in an earlier life."""
        if position > self.read_to:
            self.read_to = position
            self.beyond.add(position)
            self._advance()

    def finish(self, position: int) -> list[int]:
        """Take note that an event was delivered or refused; give those that are free now."""
        touched = self._touched.pop(position)
        del self._held_by[position]
        for key in touched.changes:
            if self._changer.get(key) == position:
                del self._changer[key]
        for key in (*touched.changes, *touched.reads):
            self._leave(key, position)
        free = []
        for held in self._holds.pop(position, ()):
            self._held_by[held] -= 1
            if not self._held_by[held]:
                free.append(held)
        if position > self.cursor:
            self.beyond.add(position)
            self._advance()
        return free

    def _leave(self, key: str, position: int) -> None:
        readers = self._readers.get(key)
        if readers is not None:
            readers.discard(position)
            if not readers:
                del self._readers[key]

    def _holders(self, position: int, touched: Touched) -> set[int]:
        """Find what an event has to wait for, and stand in its place in the lane of each key."""
        holders: set[int] = set()
        for key in touched.reads:
            if key in self._changer:
                holders.add(self._changer[key])
            self._readers.setdefault(key, set()).add(position)
        for key in touched.changes:
            if key in self._changer:
                holders.add(self._changer[key])
            holders |= self._readers.pop(key, set())  # they in turn wait for the one that changed it before
            self._changer[key] = position
        return holders - {position}

    def _advance(self) -> None:
        while self._unfinished and self._unfinished[0] in self.beyond:
            heapq.heappop(self._unfinished)
        cursor = self._unfinished[0] - 1 if self._unfinished else self.read_to
        if cursor > self.cursor:
            self.cursor = cursor
            self.beyond = {position for position in self.beyond if position > cursor}
