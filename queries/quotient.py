"""What becomes of a graph when some nodes are hidden, and the others are put into groups? Pure.

Hiding keeps reachability: where data flowed through hidden nodes alone, a joined edge says so. Grouping gives the
quotient: an edge between two groups stands for all edges between their members, and those inside a group are
counted, not drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple

LINKS_MAX: Final = 5_000_000
"""So many links are looked at through hidden nodes, a second or two, before joining is given up and says so."""


class Arrow(NamedTuple):
    """An edge between two nodes: is it but a guess, and does it lead through hidden nodes alone?"""

    source: str
    target: str
    guess: bool = False
    via: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """The edges between the nodes that are shown, in order; and whether joining them was given up."""

    arrows: list[Arrow]
    given_up: bool = False


def join_through(arrows: Sequence[Arrow], hidden: AbstractSet[str], *, links_max: int = LINKS_MAX) -> Joined:
    """Leave hidden nodes out, and join what they connect: each (source, target) once.

    An edge is there where an edge or a way through hidden nodes alone was. It is `via` where there was no edge, and
    a guess where no way is without a guess.
    """
    targets: dict[str, list[Arrow]] = {}
    for arrow in arrows:
        targets.setdefault(arrow.source, []).append(arrow)
    found: list[Arrow] = []
    left = links_max
    for source in sorted(targets.keys() - hidden):
        direct = {arrow.target for arrow in targets[source]}
        known, left = _ends(targets, source, hidden, left, guesses=False)
        all_ends, left = _ends(targets, source, hidden, left, guesses=True)
        if left < 0:
            return Joined(found, given_up=True)
        found += (Arrow(source, end, end not in known, end not in direct) for end in sorted(all_ends))
    return Joined(found)


def _ends(
    targets: Mapping[str, Sequence[Arrow]], source: str, hidden: AbstractSet[str], left: int, *, guesses: bool
) -> tuple[set[str], int]:
    """Give the nodes that a node's ways come out at, with guesses or without; and how many links may still be seen."""
    ends: set[str] = set()
    passed: set[str] = set()
    waiting = [source]
    while waiting and left >= 0:
        for arrow in targets.get(waiting.pop(), ()):
            left -= 1
            if arrow.guess and not guesses:
                continue
            if arrow.target not in hidden:
                ends.add(arrow.target)
            elif arrow.target not in passed:
                passed.add(arrow.target)
                waiting.append(arrow.target)
    return ends, left


@dataclass(slots=True)
class Bundle:
    """What an edge between two groups stands for: how many edges, guesses among them, and joined ones."""

    edges: int = 0
    guesses: int = 0
    via: int = 0

    def add(self, arrow: Arrow) -> None:
        """Count one edge more."""
        self.edges += 1
        self.guesses += arrow.guess
        self.via += arrow.via


@dataclass(slots=True)
class Members:
    """What is in a group: its least depth, how many nodes of each kind, and the edges among them."""

    depth: int
    kinds: Counter[str] = field(default_factory=Counter)
    inside: Bundle = field(default_factory=Bundle)


@dataclass(frozen=True, slots=True)
class Quotient:
    """The groups by key, and the edges between two of them."""

    groups: dict[str, Members]
    edges: dict[tuple[str, str], Bundle]


def quotient(
    nodes: Mapping[str, tuple[int, str]], arrows: Iterable[Arrow], group_of: Callable[[str], str]
) -> Quotient:
    """Put nodes, each with its depth and kind, into groups; edges are between nodes that are there."""
    groups: dict[str, Members] = {}
    for key, (depth, kind) in nodes.items():
        members = groups.setdefault(group_of(key), Members(depth))
        members.depth = min(members.depth, depth)
        members.kinds[kind] += 1
    edges: dict[tuple[str, str], Bundle] = {}
    for arrow in arrows:
        ends = group_of(arrow.source), group_of(arrow.target)
        bundle = groups[ends[0]].inside if ends[0] == ends[1] else edges.setdefault(ends, Bundle())
        bundle.add(arrow)
    return Quotient(groups, edges)
