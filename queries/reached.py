"""What of a walk is on the page, and which way of walking does an engine get?

A page is full with one row more than was asked for: then it is known that there is more. Where totals are asked
for, the walk goes on to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from queries.edges import read_edges
from queries.pruned import Part, Reached, pruned_walk
from queries.store import GraphStore
from queries.walk import Level, Walk, levels

HOPS_FIRST: Final = 4
_OUTWARD: Final = {"downstream": "out", "upstream": "in"}


@dataclass(slots=True)
class Page:
    """The rows of the page asked for, one more when there are more, and counts of what was walked."""

    first: int
    after: tuple[int, str] | None
    kinds: frozenset[str] | None
    totals: bool
    rows: list[tuple[int, str]] = field(default_factory=list)
    by_kind: Counter[str] = field(default_factory=Counter)
    by_depth: Counter[int] = field(default_factory=Counter)

    @property
    def full(self) -> bool:
        """Tell whether there is more than the page holds."""
        return len(self.rows) > self.first

    @property
    def shown(self) -> Sequence[tuple[int, str]]:
        """Give the rows of the page itself."""
        return self.rows[: self.first]

    @property
    def done(self) -> bool:
        """Tell whether nothing beyond the rows it has is asked for."""
        return self.full and not self.totals

    def take(self, level: Level) -> None:
        """Put a level's rows on the page, and count them."""
        if self.totals:
            for kind, number in Counter(level.kinds.values()).items():
                self.count(level.depth, kind, number)
        self.place(level)

    def count(self, depth: int, kind: str, number: int) -> None:
        """Count rows of one kind at one depth."""
        if self.kinds is None or kind in self.kinds:
            self.by_kind[kind] += number
            self.by_depth[depth] += number

    def place(self, level: Level) -> None:
        """Put a level's rows on the page while there is room for one more than asked for."""
        room = self.first + 1 - len(self.rows)
        if room <= 0 or (self.after is not None and level.depth < self.after[0]):
            return
        keys = [key for key, kind in level.kinds.items() if self.kinds is None or kind in self.kinds]
        rows = sorted((level.depth, key) for key in keys)
        self.rows.extend([row for row in rows if self.after is None or row > self.after][:room])


async def fill_page(store: GraphStore, walk: Walk, page: Page, listed: Level | None) -> None:
    """Walk as far as the page needs; `listed` are the starts where they are rows themselves."""
    if listed is not None:
        page.take(listed)
    in_engine = store.dialect == "neo4j" and walk.reach.pruned
    if page.done or (in_engine and await _in_engine(store, walk, page)):
        return
    await _hop_by_hop(store, walk, page)


async def _in_engine(store: GraphStore, walk: Walk, page: Page) -> bool:
    """Let the engine walk by itself where that is quicker; tell whether the page has what it needs.

    A page is mostly found within a few hops, whatever the size of the graph: those are tried first. With totals
    everything is walked anyway.
    """
    starts = list(walk.depth_of)
    if walk.budget.depth_max <= HOPS_FIRST:
        return False
    if not page.totals:
        await _hop_by_hop(store, walk, page, hops=HOPS_FIRST)
        if page.done or walk.ended:
            return True
    part = Part(
        rows=page.first + 1 - len(page.rows) if page.totals else page.first + 1,
        from_depth=0 if page.after is None else page.after[0],
        kinds=page.kinds,
        totals=page.totals,
    )
    found = await pruned_walk(store, walk, starts, part)
    if found is None:
        return False
    _take_reached(walk, page, found)
    return True


def _take_reached(walk: Walk, page: Page, found: Reached) -> None:
    """Put on the page what the engine walked, beyond the hops that were made before."""
    hopped = walk.depth
    walk.pairs = found.pairs
    if page.totals:
        for depth, kind, number in found.counts:
            if depth > 0:  # the starts were counted where they are rows
                page.count(depth, kind, number)
    for level in found.levels:
        if level.depth > hopped:
            walk.enter(level)
            page.place(level)
            if page.done:
                return


async def _hop_by_hop(store: GraphStore, walk: Walk, page: Page, *, hops: int | None = None) -> None:
    """Walk on from where the walk stands, until the page is done, nothing is left, or so many hops are made."""
    last = None if hops is None else walk.depth + hops
    async for level in levels(store, walk):
        page.take(level)
        if page.done or walk.depth == last:
            return
    if page.totals:
        walk.pairs += await _unexpanded(store, walk)


async def _unexpanded(store: GraphStore, walk: Walk) -> int:
    """Count the edges among the last nodes of a walk that was cut, which it did not set out from."""
    edges = await read_edges(store, walk.reach, _OUTWARD[walk.reach.direction], walk.frontier)
    known = walk.depth_of
    return len(
        {(edge.source, edge.target) for edge in edges if edge.source in known and edge.target in known}
    )
