"""Which histories say much that changes no edge: owners, checks, words, kinds, versions, counts?

The naive implementation knows nothing of these, so graphs made of them are compared with each other, whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from hypothesis import strategies as st

from ingest.journal import Record
from tests.laws.histories import SUSPECT_PERCENT, History, any_event, decorate
from tests.laws.pieces import COLUMNS, Draw, Json, chance, pick, some
from tests.laws.projected import record

WORDS: Final = ("mo", "ann", "", "Ö:#%", "\ud800\x00")
KINDS: Final = ("TABLE", "VIEW", "TOPIC", "MODEL", "FILE", "odd")
TOMBSTONE: Final[Json] = {"_deleted": True}


def owners(draw: Draw) -> Json:
    return {"owners": [{"name": name, "type": pick(draw, WORDS)} for name in some(draw, WORDS)]}


def assertions(draw: Draw) -> Json:
    listed = [
        {"assertion": "unique", "success": not draw(2), "column": column} for column in some(draw, COLUMNS)
    ]
    return {"assertions": listed}


def tags(draw: Draw) -> Json:
    return {"tags": [{"key": word, "value": pick(draw, (True, "x", None))} for word in some(draw, WORDS)]}


DATASET_FACETS: Final[dict[str, Callable[[Draw], Json]]] = {
    "ownership": owners,
    "dataQualityAssertions": assertions,
    "dataQualityMetrics": lambda draw: {"rowCount": draw(3)},
    "documentation": lambda draw: {"description": pick(draw, WORDS)},
    "tags": tags,
    "version": lambda draw: {"datasetVersion": pick(draw, WORDS)},
    "datasetType": lambda draw: {"datasetType": pick(draw, KINDS)},
    "unheard": lambda draw: {"a": [1, None, pick(draw, WORDS)]},
}
JOB_FACETS: Final = ("ownership", "documentation", "tags", "unheard")
RUN_FACETS: Final[dict[str, Callable[[Draw], Json]]] = {
    "test": lambda draw: {"tests": [{"name": "t", "status": pick(draw, ("pass", "fail", 3))}]},
    "nominalTime": lambda draw: {"nominalStartTime": f"2026-05-0{1 + draw(9)}T00:00:00Z"},
    "unheard": lambda draw: {"b": draw(3)},
    "\ud800#": lambda draw: {"c": draw(3)},
}


def kept_event(draw: Draw) -> Json:
    """An event of any kind, with any of these facets on its datasets, its job and its run, or their tombstones."""
    event = any_event(draw)
    for facet, make in DATASET_FACETS.items():
        decorate(draw, event, 25, facet=facet, make=partial(_or_tombstone, draw, make))
    for facet in JOB_FACETS if "job" in event else ():
        if chance(draw, 20):
            event["job"]["facets"][facet] = _or_tombstone(draw, DATASET_FACETS[facet])
    run = event.get("run")
    for facet, make in RUN_FACETS.items() if isinstance(run, dict) else ():
        if chance(draw, 20):
            event["run"].setdefault("facets", {})[facet] = make(draw)
    for side, counts in (("input", "inputStatistics"), ("output", "outputStatistics")):
        for item in (event.get(f"{side}s") or []) if chance(draw, 20) else ():
            item[f"{side}Facets"] = {counts: {"rowCount": draw(3), "size": 2**40}}
    return event


def _or_tombstone(draw: Draw, make: Callable[[Draw], Json]) -> Json:
    return TOMBSTONE if chance(draw, 12) else make(draw)


@st.composite
def kept_histories(draw: st.DrawFn) -> History:
    """Some of these events, each rarely suspect."""

    def below(number: int) -> int:
        return draw(st.integers(0, number - 1))

    return [(kept_event(below), chance(below, SUSPECT_PERCENT)) for _ in range(1 + below(7))]


def records_of(past: Iterable[tuple[Json, bool]]) -> list[Record]:
    """Judge a history's bodies; a flag holds for every copy of its event (F1)."""
    records = [record(json.dumps(body).encode(), suspect=suspect) for body, suspect in past]
    flagged = {one.digest for one in records if one.suspect}
    return [replace(one, suspect=one.digest in flagged) for one in records]
