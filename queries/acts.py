"""Which write of a dataset did a run read? The one rule for that; pure.

By the version where both acts state one, else the last write at or before the read that states no other. Writes of
completed batch runs count, and those of streams; a failed, aborted or dropping run wrote nothing, and what an open batch
run may have written counts where nothing else is known. Nothing is read from before a drop, and no run reads its own
write. A stream writes from its first word on: to whoever reads meanwhile it is the last. A stream that reads has read
what was there when it began, and everything that was written until it ended. Runs of one job under one parent whose spans overlap
wrote together (rule D1): who reads what the last of them wrote has read what the others had written by then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

OPEN_OUTCOMES: Final = frozenset({"STARTED", "RUNNING", "UNKNOWN"})


class Read(NamedTuple):
    """That a run read a dataset at an instant; a stream until another."""

    run: str
    dataset: str
    at: str
    version: str | None = None
    until: str | None = None


class Write(NamedTuple):
    """That a run wrote a dataset at an instant; a stream since another. `outcome` is what came of the attempt.

    Job, parent run and start are the run's.
    """

    run: str
    dataset: str
    at: str
    version: str | None = None
    began_at: str | None = None
    outcome: str = "COMPLETED"
    job: str | None = None
    parent: str | None = None
    started_at: str | None = None

    @property
    def begins(self) -> str:
        """Say when the run began; one that never said so began when it ended."""
        return min(self.started_at or self.at, self.at)

    @property
    def counts(self) -> bool:
        """Tell whether something was written for certain."""
        return self.began_at is not None or self.outcome == "COMPLETED"

    @property
    def open(self) -> bool:
        """Tell whether something may have been written, by a run that has not ended."""
        return self.began_at is None and self.outcome in OPEN_OUTCOMES


class Match(NamedTuple):
    """That a read was of a write, and how that is known: VERSION, TIME, STREAM or OPEN."""

    write: Write
    read: Read
    how: str


class Writes:
    """All writes of one dataset, to be looked up by instants: a dataset may have 100,000."""

    def __init__(self, writes: Iterable[Write], drops: Iterable[str] = ()) -> None:
        """Sort them; `drops` are the instants at which the dataset was dropped."""
        listed = list(writes)
        counted = [write for write in listed if write.counts]
        self._drops = sorted(drops)
        self._all = _Pool(counted)
        self._open = _Pool([write for write in listed if write.open])
        self._versions: dict[str | None, _Pool] = {}
        for version in {write.version for write in counted}:
            self._versions[version] = _Pool([write for write in counted if write.version == version])
        self._together = _together(counted)

    def read_by(self, read: Read) -> list[Match]:
        """Find the writes that a read was of; several where they have one instant, or where a stream reads."""
        floor = self._drops[place - 1] if (place := bisect_right(self._drops, read.at)) else ""
        found = self._before(read, floor)
        if read.until is not None:
            seen = {match.write for match in found}
            later = self._all.during(read.at, read.until, read.run)
            found += [Match(write, read, "STREAM") for write in later if write not in seen]
        return found

    def _before(self, read: Read, floor: str) -> list[Match]:
        # A stream reads many versions, whichever of them it names last.
        version = read.version if read.until is None else None
        if version is None:
            tried = [("TIME", self._all), ("OPEN", self._open)]
        else:
            same, unstated = (self._versions.get(one, _NONE) for one in (version, None))
            tried = [("VERSION", same), ("TIME", unstated), ("OPEN", self._open)]
        for how, pool in tried:
            found = pool.last(read.at, floor, read.run)
            if found:
                others = [] if how == "OPEN" else self._beside(found, read, floor, version)
                return [Match(write, read, how) for write in (*found, *others)]
        return []

    def _beside(self, found: Sequence[Write], read: Read, floor: str, version: str | None) -> list[Write]:
        """Give what was written together with some writes, by the instant of a read, and states no other version."""
        groups = {self._together[write.run]: None for write in found if write.run in self._together}
        return [
            write
            for group in groups
            for write in group
            if write not in found
            and floor <= write.at <= read.at
            and write.run != read.run
            and (version is None or write.version in {None, version})
        ]


def _together(writes: Iterable[Write]) -> dict[str, tuple[Write, ...]]:
    """Group the writes of runs of one job under one parent whose spans overlap, strictly and transitively, by run."""
    parts: dict[tuple[str | None, str], list[Write]] = {}
    for write in writes:
        if write.parent is not None and write.began_at is None:
            parts.setdefault((write.job, write.parent), []).append(write)
    groups = [group for part in parts.values() for group in _overlapping(part) if len(group) > 1]
    return {write.run: tuple(group) for group in groups for write in group}


def _overlapping(writes: Iterable[Write]) -> list[list[Write]]:
    """Part writes into groups whose spans overlap. Going by start, it is enough to look at the one that reaches furthest."""
    groups: list[list[Write]] = []
    reach: tuple[Write, list[Write]] | None = None
    for write in sorted(writes, key=lambda one: (one.begins, one.at, one.run)):
        if reach is not None and write.begins < reach[0].at and reach[0].begins < write.at:
            group = reach[1]
            group.append(write)
        else:
            group = [write]
            groups.append(group)
        if reach is None or write.at > reach[0].at:
            reach = (write, group)
    return groups


class _Pool:
    """Some writes, by when they were done, and the streams among them by when they began."""

    def __init__(self, writes: Sequence[Write]) -> None:
        self._writes = sorted(writes, key=lambda write: (write.at, write.run))
        self._ats = [write.at for write in self._writes]
        streams = [(write.began_at, write) for write in writes if write.began_at is not None]
        self._streams = sorted(streams, key=lambda stream: (stream[0], stream[1].run))
        self._begins = [began for began, _ in self._streams]
        # How far the streams up to each place go on: where none goes on long enough, none before it needs a look.
        self._reach = list(accumulate((write.at for _, write in self._streams), max))

    def last(self, at: str, floor: str, reader: str) -> list[Write]:
        """Give the last writes at or before an instant, not before `floor` and not the reader's own."""
        found = self._writing(at, reader)
        moment = at if found else None
        place = bisect_right(self._ats, at) - 1
        while place >= 0 and self._ats[place] >= max(floor, moment or ""):
            if self._writes[place].run != reader:
                found.append(self._writes[place])
                moment = self._ats[place]
            place -= 1
        return found

    def during(self, after: str, until: str, reader: str) -> list[Write]:
        """Give what was written after an instant and up to another, by streams that then went on too."""
        done = self._writes[bisect_right(self._ats, after) : bisect_right(self._ats, until)]
        return [write for write in done if write.run != reader] + self._writing(until, reader)

    def _writing(self, at: str, reader: str) -> list[Write]:
        """Give the streams that had begun by an instant and went on after it."""
        found: list[Write] = []
        place = bisect_right(self._begins, at) - 1
        while place >= 0 and self._reach[place] > at:
            write = self._streams[place][1]
            if write.at > at and write.run != reader:
                found.append(write)
            place -= 1
        return found


_NONE: Final = _Pool([])
