"""How do the intervals of column edges grow along a pair's sequence (rule D4)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.tracks import Intervals
from ingest.facets.stated import Column

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ingest.facets.stated import Transformation


class ColumnTracks(Intervals[Column]):
    """The column edges of one pair; a column's value is its transformations."""

    def observe(
        self, at: str, stated: Mapping[Column, set[Transformation]], sources: Collection[str]
    ) -> None:
        """Pass an observation: with columns it replaces them, without it only loses those of missing sources."""
        self.close([c for c in self.opened if (c not in stated if stated else c[0] not in sources)], at)
        for column, transformations in stated.items():
            self.state(column, tuple(sorted(transformations)), at)
        self.last = at
