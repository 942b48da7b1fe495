"""How do the intervals of a pair's sources grow, as observations go by (rules D2, D3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graph_schema.instants import OPEN_END, SUSPECT
from ingest.derive.observations import OPEN, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

INTERVALS_MAX: Final = 64
"""Newest intervals that an edge keeps."""


class Span(NamedTuple):
    """An interval of moments; an open end is None.

    `value` was stated last while it was open, and `last` is the newest observation while it was open.
    """

    start: str
    end: str | None
    value: Any
    last: str


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


def to_track(spans: Iterable[Span]) -> Track | None:
    """Write spans, in the order in which they were opened; those of no length are left out, None is no edge at all."""
    kept = []
    for span in spans:
        start, end = written(span.start), OPEN_END if span.end is None else written(span.end)
        if start != end:
            kept.append((start, end, span))
    if not kept:
        return None
    newest = kept[-1][2]
    shown = kept[-INTERVALS_MAX:]
    return Track(
        tuple(start for start, _, _ in shown),
        tuple(end for _, end, _ in shown),
        written(newest.last),
        len(kept) - len(shown),
        newest.value,
    )


class Tracks:
    """The sources of one pair, opened and closed along its sequence.

    A source is open for an ordinary reason (the newest observation that states sources has it), or because it is the
    old name of a RENAME, until that name is written again (`_until`).
    """

    def __init__(self) -> None:
        """Start with nothing open."""
        self._open: dict[str, Span] = {}
        self._ordinary: set[str] = set()
        self._until: dict[str, str] = {}
        self._closed: dict[str, list[Span]] = {}
        self._last = ""

    def ordinary(self) -> set[str]:
        """Name the sources that are open for an ordinary reason."""
        return self._ordinary

    def see(self, at: str) -> None:
        """Pass a silent observation: it opens and closes nothing, and is seen."""
        self._last = at

    def observe(self, at: str, stated: Mapping[str, int], renamed: Mapping[str, str]) -> None:
        """Pass an observation that states its sources; `renamed` are old names and until when they count."""
        self._until.update(renamed)
        # A guess beside a RENAME of the same name is the RENAME; stronger evidence is a reason of its own.
        self._ordinary = {
            key for key, evidence in stated.items() if key not in renamed or evidence < Evidence.RENAME
        }
        for key in [key for key in self._open if key not in self._ordinary and key not in self._until]:
            self._close(key, at)
        rated = {**stated, **{key: min(Evidence.RENAME, stated.get(key, Evidence.RENAME)) for key in renamed}}
        for key, evidence in rated.items():
            known = self._open.get(key)
            self._open[key] = Span(known.start if known else at, None, int(evidence), at)
        self._last = at

    def expire(self, until: str) -> None:
        """Pass time: old names that were written again by then stop being a source for their RENAME."""
        for key, moment in sorted(self._until.items(), key=lambda item: item[1]):
            if moment <= until and moment != OPEN:
                del self._until[key]
                if key not in self._ordinary:
                    self._close(key, moment)

    def close_all(self, at: str) -> None:
        """Pass a boundary: nothing joins across it."""
        self._ordinary, self._until = set(), {}
        for key in list(self._open):
            self._close(key, at)

    def _close(self, key: str, at: str) -> None:
        span = self._open.pop(key)
        self._closed.setdefault(key, []).append(span._replace(end=at, last=self._last))

    def tracks(self) -> dict[str, Track]:
        """Write every source's intervals, the open ones seen until the newest observation."""
        spans = {key: list(closed) for key, closed in self._closed.items()}
        for key, span in self._open.items():
            spans.setdefault(key, []).append(span._replace(last=self._last))
        tracks = {key: to_track(found) for key, found in spans.items()}
        return {key: track for key, track in tracks.items() if track is not None}
