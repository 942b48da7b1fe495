"""How do two sides compare, as one value that a table, JSON and a page are made of?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.compare.cause import CAUSES, UNEXPLAINED, Case, Cause
from app.compare.causes import explain
from app.compare.differences import Difference, differences
from app.compare.facts import Facts
from app.compare.names import aligned
from app.compare.side import Side, Unreadable

UNEXPLAINED_SENTENCE: Final = (
    "No rule explains it: one of the two is wrong, or a rule is missing. Please report it."
)


NAMES: Final = {
    "jobs": "jobs",
    "runs": "runs",
    "datasets": "datasets",
    "fields": "columns",
    "inputs": "inputs",
    "outputs": "outputs",
    "columns": "column edges",
}
"""What is counted on each side, and how it is called."""


@dataclass(frozen=True, slots=True)
class Told:
    """A difference and its cause."""

    difference: Difference
    cause: Cause


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many of each thing both sides have, where they differ and why, and what could not be read."""

    counts: dict[str, tuple[int, int]]
    told: list[Told]
    unreadable: list[Unreadable]
    notes: tuple[str, ...] = ()
    """What may be missing on one side, whatever is compared."""

    @property
    def unexplained(self) -> int:
        """Count what no rule explains."""
        return sum(1 for one in self.told if one.cause.code == UNEXPLAINED)

    @property
    def by_cause(self) -> Counter[str]:
        """Count the differences of each cause."""
        return Counter(one.cause.code for one in self.told)


def compare(ours: Side, theirs: Side, facts_about: Callable[[set[str]], Facts]) -> Comparison:
    """Compare; `facts_about` reads what events say of keys, and is asked once, and only where the sides differ."""
    first = differences(ours, theirs)
    counts = _counts(ours, theirs)
    apart = ours.canonical.keys() & theirs.datasets
    if not first and not apart:
        return Comparison(counts, [], theirs.unreadable)
    facts = facts_about(apart | {key for one in first for key in _keys(one)})
    under_ours, named = aligned(ours, theirs, facts)
    told = [Told(difference, cause) for difference, cause in named]
    told += [Told(one, explain(Case(one, ours, under_ours, facts))) for one in differences(ours, under_ours)]
    return Comparison(counts, told, theirs.unreadable)


def _keys(one: Difference) -> set[str]:
    ends = {one.subject, one.other} if one.other else {one.subject}
    return {end for end in ends if end} | {end.partition("#")[0] for end in ends if end}


def _counts(ours: Side, theirs: Side) -> dict[str, tuple[int, int]]:
    return {name: (len(getattr(ours, name)), len(getattr(theirs, name))) for name in NAMES}


def to_json(found: Comparison) -> dict[str, Any]:
    """Write a comparison for programs."""
    return {
        "counts": {name: {"ours": ours, "theirs": theirs} for name, (ours, theirs) in found.counts.items()},
        "differences": [
            {
                **asdict(one.difference),
                "cause": one.cause.code,
                "because": sentence(one.cause.code),
                "evidence": list(one.cause.evidence),
            }
            for one in found.told
        ],
        "causes": dict(found.by_cause.most_common()),
        "unexplained": found.unexplained,
        "unreadable": [one._asdict() for one in found.unreadable],
        "notes": list(found.notes),
    }


def sentence(cause: str) -> str:
    """Say a cause in a sentence."""
    return CAUSES.get(cause, UNEXPLAINED_SENTENCE)
