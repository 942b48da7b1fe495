"""How do the intervals of column edges grow along a pair's sequence (rule D4)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.tracks import Span, Track, to_track

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ingest.facets.stated import Column, Transformation


class ColumnTracks:
    """The column edges of one pair; a column's value is its transformations."""

    def __init__(self) -> None:
        """Start with nothing open."""
        self._open: dict[Column, Span] = {}
        self._closed: dict[Column, list[Span]] = {}
        self._last = ""

    def see(self, at: str) -> None:
        """Pass a silent observation."""
        self._last = at

    def observe(
        self, at: str, stated: Mapping[Column, set[Transformation]], sources: Collection[str]
    ) -> None:
        """Pass an observation: with columns it replaces them, without it only loses those of missing sources."""
        lost = [c for c in self._open if (c not in stated if stated else c[0] not in sources)]
        for column in lost:
            self._close(column, at)
        for column, transformations in stated.items():
            known = self._open.get(column)
            self._open[column] = Span(known.start if known else at, None, tuple(sorted(transformations)), at)
        self._last = at

    def close_all(self, at: str) -> None:
        """Pass a boundary."""
        for column in list(self._open):
            self._close(column, at)

    def _close(self, column: Column, at: str) -> None:
        span = self._open.pop(column)
        self._closed.setdefault(column, []).append(span._replace(end=at, last=self._last))

    def tracks(self) -> dict[Column, Track]:
        """Write every column edge."""
        spans = {column: list(closed) for column, closed in self._closed.items()}
        for column, span in self._open.items():
            spans.setdefault(column, []).append(span._replace(last=self._last))
        tracks = {column: to_track(found) for column, found in spans.items()}
        return {column: track for column, track in tracks.items() if track is not None}
