"""Which paths lead from some nodes to others, given the links between? Pure.

A path has at least one link and visits no node twice, except that it may end where it began. Paths are listed
nearest first, those of one length by their keys, without ever being enumerated: a prefix is followed only
where it is known to lead to an end, so that k paths cost k times their length, however many there are.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Final

import networkx as nx

LISTED_TO_COUNT: Final = 1_000
"""So many paths are listed at most to count them exactly where cycles forbid adding up."""


class TooMuchWork(Exception):
    """Looking for paths went over so many links that it was given up."""


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between some starts and ends: the links among the nodes below a start and above an end.

    Nodes and links are in the order of their keys. `order` is a topological one of all nodes that no cycle leads
    to; `rounds` tells of the others in which cycle they are.
    """

    starts: frozenset[str]
    ends: frozenset[str]
    targets: Mapping[str, Sequence[str]]
    sources: Mapping[str, Sequence[str]]
    order: Sequence[str]
    rounds: Mapping[str, int]

    @property
    def nodes(self) -> Collection[str]:
        """Give every node downstream of a start and upstream of an end, both included; none if no way leads over."""
        return self.targets.keys()

    @property
    def links(self) -> int:
        """Count the links."""
        return sum(map(len, self.targets.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest paths, how many there are at least, whether that is exact, and whether listing was given up."""

    paths: list[tuple[str, ...]]
    count: int
    exact: bool
    given_up: bool = False


def between(links: Iterable[tuple[str, str]], starts: Iterable[str], ends: Iterable[str]) -> Between:
    """Keep of all links those on a way from a start to an end.

    A link of a node to itself is on a path only where that node is what was asked from and to.
    """
    begin, finish = frozenset(starts), frozenset(ends)
    both = begin & finish
    targets: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for source, target in sorted({(one, other) for one, other in links if one != other or one in both}):
        targets.setdefault(source, []).append(target)
        sources.setdefault(target, []).append(source)
    kept = _reached(targets, begin) & _reached(sources, finish)
    on_a_way = {node: [one for one in targets.get(node, ()) if one in kept] for node in sorted(kept)}
    if not any(on_a_way.values()):
        return Between(begin, finish, {}, {}, [], {})
    back = {node: [one for one in sources.get(node, ()) if one in kept] for node in on_a_way}
    order = _topological(on_a_way, back)
    return Between(begin, finish, on_a_way, back, order, _rounds(on_a_way, on_a_way.keys() - set(order)))


def _reached(links: Mapping[str, Sequence[str]], begin: Iterable[str]) -> set[str]:
    """Give all nodes that links lead to, the first ones included."""
    seen = set(begin)
    waiting = list(seen)
    while waiting:
        new = [one for one in links.get(waiting.pop(), ()) if one not in seen]
        seen.update(new)
        waiting.extend(new)
    return seen


def _topological(targets: Mapping[str, Sequence[str]], sources: Mapping[str, Sequence[str]]) -> list[str]:
    """Put nodes after all that lead to them (Kahn 1962); those that a cycle leads to are left out."""
    open_links = {node: len(some) for node, some in sources.items()}
    order = [node for node, count in open_links.items() if not count]
    for node in order:  # it grows meanwhile
        for target in targets[node]:
            open_links[target] -= 1
            if not open_links[target]:
                order.append(target)
    return order


def _rounds(targets: Mapping[str, Sequence[str]], nodes: AbstractSet[str]) -> dict[str, int]:
    """Tell nodes that lead to each other by a number: that of their strongly connected component."""
    graph: nx.DiGraph[str] = nx.DiGraph(
        (node, target) for node in nodes for target in targets[node] if target in nodes
    )
    parts = nx.strongly_connected_components(graph)
    return {node: number for number, part in enumerate(parts) for node in part}


def find_paths(space: Between, first: int, *, links_max: int) -> Found:
    """List the `first` nearest paths and say how many there are, looking at no more than so many links."""
    acyclic = not space.rounds
    wanted = first if acyclic else max(first, LISTED_TO_COUNT)
    paths: list[tuple[str, ...]] = []
    stopped = False
    try:
        paths.extend(islice(shortest_paths(space, links_max=links_max), wanted))
    except TooMuchWork:
        stopped = True
    ended = not stopped and len(paths) < wanted
    count = len(paths) if ended else max(len(paths), _added_up(space))
    return Found(paths[:first], count, exact=ended or acyclic, given_up=stopped and len(paths) < first)


def _added_up(space: Between) -> int:
    """Count paths by adding up, at each node, those to all that lead to it and the one that begins there.

    Without cycles that counts all. With cycles only links that lead further from the starts are gone over, so
    that none is counted which visits a node twice, and some are left out.
    """
    if space.rounds:
        depth = distances(space.targets, (node for node in space.targets if node in space.starts))
        order: Iterable[str] = sorted(depth, key=depth.__getitem__)
    else:
        depth, order = {}, space.order
    ways: dict[str, int] = {}
    for node in order:
        before = (one for one in space.sources[node] if not depth or depth[one] < depth[node])
        ways[node] = sum(ways[one] for one in before) + (node in space.starts)
    return sum(ways[end] - (end in space.starts) for end in space.ends if end in ways)


def distances(
    links: Mapping[str, Sequence[str]], begin: Iterable[str], avoiding: Collection[str] = ()
) -> dict[str, int]:
    """Give how many links away from the first nodes each node is, not going through some."""
    away = dict.fromkeys(begin, 0)
    waiting = deque(away)
    while waiting:
        node = waiting.popleft()
        for one in links[node]:
            if one not in away and one not in avoiding:
                away[one] = away[node] + 1
                waiting.append(one)
    return away


def shortest_paths(space: Between, *, links_max: int) -> Iterator[tuple[str, ...]]:
    """Yield all paths, nearest first, those of one length by their keys; raises TooMuchWork.

    Best first (Hart, Nilsson and Raphael 1968), guided by how far an end really is. That is known for every node
    beforehand, but for one in a cycle that the path has come through: there it depends on where the path has
    been, and is found anew (as in Yen 1971).
    """
    away = distances(space.sources, (node for node in space.targets if node in space.ends))
    once, left = space.links, links_max
    heap: list[tuple[int, tuple[str, ...]]]
    heap = [(away[node], (node,)) for node in space.starts if node in space.targets]
    heapq.heapify(heap)
    while heap:
        _, path = heapq.heappop(heap)
        last = path[-1]
        if len(path) > 1 and last in space.ends:
            yield path
            if path[0] == last:
                continue
        nexts, turning = space.targets[last], space.rounds.get(last)
        turns = turning is not None and any(space.rounds.get(node) == turning for node in nexts)
        left -= len(path) + len(nexts) + (once if turns else 0)
        if left < 0:
            raise TooMuchWork
        around = _away_from(space, path) if turns else away
        for node in nexts:
            known = around if space.rounds.get(node) == turning else away
            if node in known:
                heapq.heappush(heap, (len(path) + known[node], (*path, node)))


def _away_from(space: Between, path: tuple[str, ...]) -> dict[str, int]:
    """Give how far an end is for a path that goes nowhere twice; it may end where it began."""
    been = frozenset(path)
    ends = (node for node in space.targets if node in space.ends and (node not in been or node == path[0]))
    return distances(space.sources, ends, avoiding=been)
