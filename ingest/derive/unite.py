"""Which observations of a pair are one (rule D1)?

Those at the same moment; and those of batch runs under one parent run whose spans overlap or whose map indexes
differ. Never across a boundary.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ingest.derive.observations import Evidence, Kind, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.facets.stated import Column, Transformation

_BATCH = frozenset({Kind.COMPLETED, Kind.PROVISIONAL})


class United(NamedTuple):
    """One observation of the sequence; `renamed_from` follow a rule of their own."""

    at: str
    sources: dict[str, int]
    columns: dict[Column, set[Transformation]]
    renamed_from: set[str]
    none: bool
    none_by_entry: bool

    @property
    def silent(self) -> bool:
        """Tell whether nothing is stated about sources."""
        return not self.sources and not self.renamed_from and not self.none

    @property
    def states_lineage(self) -> bool:
        """Tell whether it is knowledge rather than a guess (rule D2)."""
        if not self.sources and not self.renamed_from:
            return self.none_by_entry
        return any(evidence in {Evidence.EXPLICIT, Evidence.COLUMN} for evidence in self.sources.values())

    @property
    def product_only(self) -> bool:
        """Tell whether it is a guess and nothing else."""
        return (
            bool(self.sources)
            and not self.none
            and not self.renamed_from
            and all(evidence == Evidence.PRODUCT for evidence in self.sources.values())
        )


def unite(observations: Sequence[Observation], moments: Sequence[str]) -> list[United]:
    """Unite a pair's observations and give them in order of `at`."""
    stretch = [bisect_right(moments, o.at) for o in observations]
    leader = list(range(len(observations)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    at_once: dict[tuple[int, str], int] = {}
    under: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, o in enumerate(observations):
        leader[find(i)] = find(at_once.setdefault((stretch[i], o.at), i))
        if o.kind in _BATCH and o.parent is not None:
            under[stretch[i], o.parent].append(i)
    for siblings in under.values():
        for i, j in _pairs(siblings, observations):
            leader[find(i)] = find(j)
    parts: dict[int, list[Observation]] = defaultdict(list)
    for i, o in enumerate(observations):
        parts[find(i)].append(o)
    return sorted((_united(part) for part in parts.values()), key=lambda u: u.at)


def _pairs(siblings: list[int], observations: Sequence[Observation]) -> list[tuple[int, int]]:
    """Give pairs that unite, enough of them to connect every group of siblings."""
    found: list[tuple[int, int]] = []
    reach: int | None = None
    for i in sorted(siblings, key=lambda i: (observations[i].start, observations[i].end)):
        # Going by start, a span overlaps an earlier one exactly when it overlaps the one that reaches furthest.
        if reach is not None and _overlap(observations[reach], observations[i]):
            found.append((reach, i))
        if reach is None or observations[i].end > observations[reach].end:
            reach = i
    mapped = [i for i in siblings if observations[i].map_index is not None]
    first = mapped[0] if mapped else None
    others = [
        i for i in mapped if first is not None and observations[i].map_index != observations[first].map_index
    ]
    if first is not None and others:
        found += [(first, i) for i in others]
        found += [
            (others[0], i) for i in mapped if observations[i].map_index == observations[first].map_index
        ]
    return found


def _overlap(a: Observation, b: Observation) -> bool:
    return a.start < b.end and b.start < a.end


def _united(part: list[Observation]) -> United:
    sources: dict[str, int] = {}
    columns: dict[Column, set[Transformation]] = {}
    renamed: set[str] = set()
    for o in part:
        for source, evidence in o.content.sources:
            if evidence == Evidence.RENAME:
                renamed.add(source)
            else:
                sources[source] = min(evidence, sources.get(source, evidence))
        for column, transformations in o.content.columns:
            columns.setdefault(column, set()).update(transformations)
    return United(
        at=max(o.at for o in part),
        sources=sources,
        columns=columns,
        renamed_from=renamed,
        none=any(o.content.none for o in part),
        none_by_entry=any(o.content.none_by_entry for o in part),
    )
