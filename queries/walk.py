"""Which datasets, or which fields, does a walk reach, nearest first, on any engine?

Hop by hop: one statement per hop and 5,000 frontier keys, the seen-set here. It is linear in what it reaches
on every engine, never enumerates paths, and can be stopped between hops. Neo4j prunes walks by itself:
`queries/reached.py` chooses, and both ways must give the same levels.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from graph_schema.instants import OPEN_END, SUSPECT
from queries.lists import answers
from queries.statements import Statement, statement
from queries.store import GraphStore

Direction = Literal["upstream", "downstream"]

FRONTIER_MAX: Final = 5_000
LAST_OPEN_INSTANT: Final = OPEN_END[:-2] + "8Z"
"""At this instant exactly the intervals with an open end hold: what is asked when no as-of is given."""
ANY_TIME: Final = SUSPECT
"""Every edge was seen at or after this instant."""
TRANSFORMATIONS: Final[dict[str, tuple[list[str] | None, list[str] | None]]] = {
    "ALL": (None, None),
    "DIRECT": (["DIRECT"], None),
    "VALUES": (["DIRECT"], ["IDENTITY", "TRANSFORMATION", "AGGREGATION"]),
}
"""Which types and subtypes of column lineage a walk takes (None: all): whatever was said; what values come from, however
that was called; what they come from in one of the ways that the spec of the columnLineage facet names."""
_SUBJECTS: Final = {"DATASET": "lineage", "FIELD": "columns", "JOB": "jobs"}
"""In which folder of statements the edges of a granularity are walked."""
_JOBS_THEN: Final = "jobs_then"
"""In which folder they are for JOB and a time: there they follow from the intervals of edges between datasets."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which edges a walk takes: its direction, and the filters on each edge."""

    direction: Direction
    as_of: str | None = None
    seen_since: str | None = None
    granularity: str = "DATASET"
    transformations: str = "ALL"

    @property
    def times(self) -> dict[str, str]:
        """Give the parameters that say when edges have to hold; what jobs do now is asked without."""
        if self.granularity == "JOB" and not self.filtered:
            return {}
        return {"as_of": self.instant, "seen_since": self.seen_since or ANY_TIME}

    @property
    def filters(self) -> dict[str, Any]:
        """Give the parameters of the filtered statements: times, and between fields what was done to the data."""
        if self.granularity != "FIELD":
            return dict(self.times)
        types, subtypes = TRANSFORMATIONS[self.transformations]
        return {**self.times, "types": types, "subtypes": subtypes}

    def takes(self, kind: str | None, subtype: str | None) -> bool:
        """Tell whether a transformation is one that was asked for."""
        types, subtypes = TRANSFORMATIONS[self.transformations]
        return (types is None or kind in types) and (subtypes is None or subtype in subtypes)

    @property
    def instant(self) -> str:
        """Give the instant at which edges have to hold."""
        return self.as_of or LAST_OPEN_INSTANT

    @property
    def pruned(self) -> bool:
        """Tell whether there is a statement that walks to the end by itself, on engines that can."""
        return self.granularity != "JOB"

    @property
    def filtered(self) -> bool:
        """Tell whether FEEDS as it stands is not what is asked for."""
        return self.as_of is not None or self.seen_since is not None or self.transformations != "ALL"

    def wording(self, verb: str) -> Statement:
        """Choose a statement: those of fields have the same names, params and answers as those of datasets."""
        then = self.granularity == "JOB" and self.filtered
        return statement(f"{_JOBS_THEN if then else _SUBJECTS[self.granularity]}/{verb}")

    def walking(self, verb: str) -> tuple[Statement, dict[str, Any]]:
        """Choose a walking statement and its filters; the unfiltered one reads no property of an edge."""
        if self.filtered:
            return self.wording(f"{self.direction}_{verb}_filtered"), self.filters
        return self.wording(f"{self.direction}_{verb}"), {}


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a walk may go: depth in edges, nodes reached, and the loop time at which it ends."""

    depth_max: int
    nodes_max: int
    ends_at: float


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes at one depth, by key, each with its kind."""

    depth: int
    kinds: dict[str, str]


@dataclass(slots=True)
class Walk:
    """A walk under way: where every reached node lies, how many edges were met, and what cut it short.

    `at_bound` is true while there are nodes at the greatest depth that it may look at.
    """

    reach: Reach
    budget: Budget
    depth_of: dict[str, int]
    frontier: list[str]
    depth: int = 0
    pairs: int = 0
    truncated_by: list[str] = field(default_factory=list)
    at_bound: bool = False

    @property
    def ended(self) -> bool:
        """Tell whether there is nowhere to go on from."""
        return not self.frontier or self.at_bound or bool(self.truncated_by)

    def enter(self, level: Level) -> None:
        """Go on to a level of new nodes."""
        self.depth = level.depth
        self.depth_of.update(dict.fromkeys(level.kinds, level.depth))
        self.frontier = list(level.kinds)
        self.at_bound = bool(level.kinds) and level.depth >= self.budget.depth_max


def start_walk(reach: Reach, budget: Budget, roots: Sequence[str]) -> Walk:
    """Begin at roots, which lie at depth 0."""
    at_bound = bool(roots) and budget.depth_max <= 0
    return Walk(reach, budget, dict.fromkeys(roots, 0), sorted(roots), at_bound=at_bound)


async def levels(store: GraphStore, walk: Walk) -> AsyncIterator[Level]:
    """Yield the levels below the roots, nearest first, until nothing is left or the budget is used up."""
    while not walk.ended:
        found = await _hop(store, walk)
        if found is None:
            walk.truncated_by.append("time")
            return
        room = walk.budget.nodes_max - len(walk.depth_of)
        if len(found) > room:
            walk.truncated_by.append("nodes")
            found = {key: found[key] for key in sorted(found)[: max(room, 0)]}
        level = Level(walk.depth + 1, found)
        walk.enter(level)
        if found:
            yield level


async def _hop(store: GraphStore, walk: Walk) -> dict[str, str] | None:
    """Go one edge on from the frontier; give the new nodes and their kinds, or None when the time is over."""
    step, params = walk.reach.walking("step")
    known = walk.depth_of
    found: dict[str, str | None] = {}
    now = asyncio.get_running_loop().time
    if now() >= walk.budget.ends_at:
        return None
    async with aclosing(answers(store, step, walk.frontier, size=FRONTIER_MAX, **params)) as rows_of_lists:
        async for rows in rows_of_lists:
            for row in rows:
                walk.pairs += row["pairs"] or 0
                found.update([one for one in row["reached"] if one[0] not in known])
            if now() >= walk.budget.ends_at:
                return None
    return {key: kind or "DEPLOYMENT" for key, kind in found.items()}
