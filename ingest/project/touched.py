"""What does a batch touch (rule D7)? Everything that must be derived or rendered again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.facts import Checked


@dataclass(slots=True)
class Touched:
    """Keys to derive or render again. A pair is (job, output as sent); job "" is a dataset's own statement."""

    runs: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    experiments: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    deployments: set[str] = field(default_factory=set)
    """Jobs that may be deployments."""
    kinds: set[str] = field(default_factory=set)
    """Datasets that became, or ceased to be, something of machine learning."""
    declared: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    linked: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    io: set[str] = field(default_factory=set)
    checked: list[Checked] = field(default_factory=list)
    facets: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(entity, facet) -> whether the facet is new there."""

    def named(self, kind: str) -> set[str]:
        """Give the touched nodes of a kind of name."""
        found: set[str] = getattr(self, f"{kind}s")
        return found
