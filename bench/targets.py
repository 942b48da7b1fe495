"""Which figures does the design ask for (DESIGN 11), on which engine?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EMBEDDED: Final = "embedded"
NEO4J: Final = "neo4j"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked of a figure: how it is said, and its limit on each engine that it is asked of."""

    words: str
    limits: Mapping[str, float]
    at_least: bool = False

    def met(self, engine: str, value: float) -> bool | None:
        """Judge a value; None where nothing is asked of this engine (`neo4j-5.26` is one of `neo4j`)."""
        limit = self.limits.get(engine.partition("-")[0])
        if limit is None:
            return None
        return value >= limit if self.at_least else value <= limit


def _both(limit: float) -> dict[str, float]:
    return {EMBEDDED: limit, NEO4J: limit}


MARQUEZ_EVENTS_S: Final = 50.0
MARQUEZ_CPU_MS: Final = 54.0
"""The upper end of what was measured, 37 to 54 ms."""

ACCEPTED: Final = Target(">= 20 x Marquez (1,000/s)", _both(20 * MARQUEZ_EVENTS_S), at_least=True)
PROJECTED: Final = Target(">= 10 x Marquez (500/s)", _both(10 * MARQUEZ_EVENTS_S), at_least=True)
CPU: Final = Target("<= 1/20 of Marquez (1.85 to 2.7 ms)", _both(MARQUEZ_CPU_MS / 20))
SMALL: Final = Target("< 10 ms", _both(10))
LATTICE: Final = Target("< 1 s", _both(1000))
PAGE: Final = Target("< 1 s, Neo4j < 0.3 s", {EMBEDDED: 1000, NEO4J: 300})
PATHS: Final = Target("< 1 s", _both(1000))
TOTALS: Final = Target("< 6 s, Neo4j < 1 s", {EMBEDDED: 6000, NEO4J: 1000})
REBUILD: Final = Target(">= 2,000/s embedded", {EMBEDDED: 2000}, at_least=True)
MEMORY: Final = Target("< 300 MB", _both(300))
SMALL_RATE: Final = Target("> 300/s", _both(300), at_least=True)
BIG: Final = Target("< 0.5 s", _both(500))
PAST: Final = Target("<= 2 times", _both(2))
PROVENANCE: Final = Target("< 200 ms", _both(200))
ML_PATHS: Final = Target("< 300 ms", _both(300))
SEARCH: Final = Target("< 1 s", _both(1000))
ACCEPTED_RATIO: Final = Target(">= 20 times", _both(20), at_least=True)
PROJECTED_RATIO: Final = Target(">= 10 times", _both(10), at_least=True)
CPU_RATIO: Final = Target("<= a 20th part", _both(20), at_least=True)
LINEAGE_RATIO: Final = Target(">= 100 times", _both(100), at_least=True)
COLUMN: Final = Target("answered, < 1 s", _both(1000))
NONE: Final = Target("none", _both(0))
BACKFILL: Final = Target(">= 1,500/s embedded", {EMBEDDED: 1500}, at_least=True)
FOLLOW_LAG: Final = Target("< 2 s", _both(2000))
