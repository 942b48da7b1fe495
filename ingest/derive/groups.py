"""Which names are one dataset, and which of them speaks for it (rules F9, D5)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graph_schema.containers import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GROUP_MAX: Final = 256
"""Names; a larger group is not merged at all, and is listed."""


def connected(start: str, neighbours: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Give every name that links connect with the start, itself included."""
    found = {start}
    frontier = [start]
    while frontier:
        for other in neighbours(frontier.pop()):
            if other not in found:
                found.add(other)
                frontier.append(other)
    return frozenset(found)


def canonical_of(group: Iterable[str]) -> str:
    """Choose the name that speaks for a group: the smallest key that is no place, else the smallest."""
    ordered = sorted(group, key=str.encode)
    return next((key for key in ordered if _scheme(key) not in PLACES), ordered[0])


def _scheme(key: str) -> str:
    """Give the scheme of a dataset key's namespace; a namespace without one is its own scheme."""
    return key.split(":", 2)[1].split("%3A//", 1)[0]
