"""What is the whole of a walk: every node it reaches, and every edge among them?

Read hop by hop as walks are, and held in memory, so it is bounded. Kinds that are ignored as hops are walked
through at no cost in depth: what lies behind one is as deep as what lies beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from queries.edges import past_unknown
from queries.lists import answers
from queries.nodes import read_nodes
from queries.quotient import Arrow
from queries.results import Node
from queries.store import GraphStore
from queries.walk import FRONTIER_MAX, Budget, Reach

GUESS: Final = "PRODUCT"
_KINDS: Final = {"DATASET": ("dataset", "deployment"), "JOB": ("dataset", "job")}


@dataclass(slots=True)
class Whole:
    """A walk that is held whole: its nodes, how deep each lies, its edges (a guess or not), and what cut it."""

    reach: Reach
    nodes: dict[str, Node] = field(default_factory=dict)
    depth_of: dict[str, int] = field(default_factory=dict)
    guess_of: dict[tuple[str, str], bool] = field(default_factory=dict)
    truncated_by: list[str] = field(default_factory=list)
    at_bound: bool = False

    @property
    def arrows(self) -> list[Arrow]:
        """Give the edges among the nodes, in order."""
        inside = self.depth_of.keys()
        return [
            Arrow(source, target, guess)
            for (source, target), guess in sorted(self.guess_of.items())
            if source in inside and target in inside
        ]


async def walk_whole(
    store: GraphStore, reach: Reach, starts: Sequence[str], budget: Budget, *, no_hops: AbstractSet[str]
) -> Whole:
    """Walk from some nodes, which lie at depth 0, and hold what is met; `no_hops` are kinds that cost no depth."""
    whole = Whole(reach)
    await _enter(store, whole, starts, 0)
    depth, level = 0, list(starts)
    while level and not whole.truncated_by:
        counted, through = level, []
        if depth:  # the starts are where one hop begins, whatever they are
            through = [key for key in level if whole.nodes[key].kind in no_hops]
            counted = [key for key in level if whole.nodes[key].kind not in no_hops]
        while through and not whole.truncated_by:
            met = await _onward(store, whole, through, depth, budget)
            through = [key for key in met if whole.nodes[key].kind in no_hops]
            counted += [key for key in met if whole.nodes[key].kind not in no_hops]
        if depth >= budget.depth_max:
            whole.at_bound = bool(counted)
            await _onward(store, whole, counted, None, budget)
            break
        depth += 1
        level = await _onward(store, whole, counted, depth, budget)
    if not whole.truncated_by:
        try:
            async with asyncio.timeout_at(budget.ends_at):
                untimed = await past_unknown(store, reach, sorted(whole.depth_of))
        except TimeoutError:
            whole.truncated_by.append("time")
        else:
            whole.truncated_by += ["untimed"] if untimed else []
    return whole


async def _onward(
    store: GraphStore, whole: Whole, keys: Sequence[str], depth: int | None, budget: Budget
) -> list[str]:
    """Read the edges onward from some nodes, and enter what is new at a depth, or nothing where it is None."""
    met: set[str] = set()
    far = 1 if whole.reach.direction == "downstream" else 0
    async with aclosing(_links(store, whole.reach, keys)) as lists:
        async for links in lists:
            for source, target, guess in links:
                pair = source, target
                whole.guess_of[pair] = guess and whole.guess_of.get(pair, True)
                met.add(pair[far])
            if asyncio.get_running_loop().time() >= budget.ends_at:
                whole.truncated_by.append("time")
                break
    if depth is None:
        return []
    new = sorted(met - whole.depth_of.keys())
    room = max(budget.nodes_max - len(whole.depth_of), 0)
    if len(new) > room:
        whole.truncated_by.append("nodes")
    return await _enter(store, whole, new[:room], depth)


async def _links(
    store: GraphStore, reach: Reach, keys: Sequence[str]
) -> AsyncGenerator[list[tuple[str, str, bool]], None]:
    """Read the links onward list by list, and whether each is a guess: what a job reads or outputs never is."""
    side = "out" if reach.direction == "downstream" else "in"
    if reach.granularity == "JOB":
        wording, column = reach.wording(f"links_{side}"), "links"
    else:
        wording, column = reach.wording(f"edges_{side}"), "edges"
    found = answers(store, wording, keys, size=FRONTIER_MAX, **reach.filters)
    async with aclosing(found) as lists:
        async for rows in lists:
            links = (link for row in rows for link in row[column])
            yield [(link[0], link[1], column == "edges" and link[3] == GUESS) for link in links]


async def _enter(store: GraphStore, whole: Whole, keys: Sequence[str], depth: int) -> list[str]:
    """Read nodes and put them at a depth; give those that are there."""
    for kind in _KINDS[whole.reach.granularity]:
        whole.nodes.update(await read_nodes(store, kind, keys))
    entered = [key for key in keys if key in whole.nodes]
    whole.depth_of.update(dict.fromkeys(entered, depth))
    return entered
