"""How do the intervals of a pair's sources grow, as observations go by (rules D2, D3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from graph_schema.instants import OPEN_END, SUSPECT
from ingest.derive.observations import OPEN, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INTERVALS_MAX: Final = 64
"""Newest intervals that an edge keeps."""

K = TypeVar("K")


class Span(NamedTuple):
    """An open interval of moments: `value` was stated last in it."""

    start: str
    value: Any


class Track(NamedTuple):
    """An edge's intervals as they are written: parallel lists, newest last; `earlier` more were left out."""

    valid_from: tuple[str, ...]
    valid_to: tuple[str, ...]
    last_at: str
    earlier: int
    value: Any

    @property
    def is_open(self) -> bool:
        """Tell whether the last interval is open: FEEDS, else FED."""
        return self.valid_to[-1] == OPEN_END


def written(moment: str) -> str:
    """Write a moment: suspect ones all as the first instant there is (rule F1)."""
    return SUSPECT if moment[0] == "0" else moment[1:]


def lengthened(track: Track | None, span: Span, end: str | None, last: str) -> Track | None:
    """Add a newer interval, open where `end` is None; one of no length is left out, None is no edge at all.

    `last` is the newest observation while the interval was open.
    """
    first, until = written(span.start), OPEN_END if end is None else written(end)
    if first == until:
        return track
    starts, ends, earlier = (track.valid_from, track.valid_to, track.earlier) if track else ((), (), 0)
    starts, ends = (*starts, first), (*ends, until)
    left_out = max(0, len(starts) - INTERVALS_MAX)
    return Track(starts[left_out:], ends[left_out:], written(last), earlier + left_out, span.value)


class Intervals(Generic[K]):
    """What is open and what was closed, by source or column, at one moment of a pair's sequence."""

    def __init__(self, opened: Mapping[K, Span], closed: Mapping[K, Track], last: str) -> None:
        """Go on from what was open and closed after the observation at `last`."""
        self.opened = dict(opened)
        self.closed = dict(closed)
        self.last = last

    def see(self, at: str) -> None:
        """Pass a silent observation: it opens and closes nothing, and is seen."""
        self.last = at

    def state(self, key: K, value: Any, at: str) -> None:
        """Open an interval, or go on with the open one, with the value stated now."""
        known = self.opened.get(key)
        self.opened[key] = Span(known.start if known else at, value)

    def close(self, keys: Iterable[K], at: str) -> None:
        """End the open intervals of some keys."""
        for key in keys:
            track = lengthened(self.closed.get(key), self.opened.pop(key), at, self.last)
            if track is not None:
                self.closed[key] = track

    def close_all(self, at: str) -> None:
        """Pass a boundary: nothing joins across it."""
        self.close(list(self.opened), at)

    def tracks(self) -> dict[K, Track]:
        """Write every key's intervals, the open ones seen until the newest observation."""
        tracks = dict(self.closed)
        for key, span in self.opened.items():
            track = lengthened(tracks.get(key), span, None, self.last)
            if track is not None:
                tracks[key] = track
        return tracks


class Tracks(Intervals[str]):
    """The sources of one pair, opened and closed along its sequence.

    A source is open for an ordinary reason (the newest observation that states sources has it), or because it is the
    old name of a RENAME, until that name is written again (`_until`).
    """

    def __init__(self, opened: Mapping[str, Span], closed: Mapping[str, Track], last: str) -> None:
        """Go on from a moment at which every open source was open for an ordinary reason."""
        super().__init__(opened, closed, last)
        self._ordinary = set(opened)
        self._until: dict[str, str] = {}

    def ordinary(self) -> set[str]:
        """Name the sources that are open for an ordinary reason."""
        return self._ordinary

    def observe(self, at: str, stated: Mapping[str, int], renamed: Mapping[str, str]) -> None:
        """Pass an observation that states its sources; `renamed` are old names and until when they count."""
        self._until.update(renamed)
        # A guess beside a RENAME of the same name is the RENAME; stronger evidence is a reason of its own.
        self._ordinary = {
            key for key, evidence in stated.items() if key not in renamed or evidence < Evidence.RENAME
        }
        self.close([key for key in self.opened if key not in self._ordinary and key not in self._until], at)
        rated = {**stated, **{key: min(Evidence.RENAME, stated.get(key, Evidence.RENAME)) for key in renamed}}
        for key, evidence in rated.items():
            self.state(key, int(evidence), at)
        self.last = at

    def expire(self, until: str) -> None:
        """Pass time: old names that were written again by then stop being a source for their RENAME."""
        for key, moment in sorted(self._until.items(), key=lambda item: item[1]):
            if moment <= until and moment != OPEN:
                del self._until[key]
                if key not in self._ordinary:
                    self.close([key], moment)

    def close_all(self, at: str) -> None:
        """Pass a boundary: nothing joins across it."""
        self._ordinary, self._until = set(), {}
        super().close_all(at)
