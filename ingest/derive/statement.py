"""What do some events of a run state together about its outputs (rules F3, F5)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.derive.runs import reads, writes
from ingest.derive.sources import Statement
from ingest.facts import DELETED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ingest.facets.stated import Stated
    from ingest.facts import Fact, Sha


def state_together(facts: Iterable[Fact], stated: Callable[[Sha], Stated]) -> Statement:
    """Unite the lists and entries of events in order; of columnLineage the newest of each output counts."""
    facts = tuple(facts)
    entries: dict[str, dict[Sha, None]] = {}
    columns: dict[str, Sha] = {}
    has_lineage = False
    for fact in facts:
        has_lineage = has_lineage or fact.has_lineage
        for target, sha in fact.entries:
            entries.setdefault(target, {})[sha] = None
        for listed in fact.outputs:
            if listed.lineage is not None and listed.lineage != DELETED:
                has_lineage = True
                entries.setdefault(listed.dataset, {})[listed.lineage] = None
            if listed.column_lineage is not None:
                columns[listed.dataset] = listed.column_lineage
    return Statement(
        inputs=reads(facts),
        outputs=writes(facts),
        has_lineage=has_lineage,
        entries={target: tuple(stated(sha) for sha in shas) for target, shas in entries.items()},
        column_lineage={output: stated(sha) for output, sha in columns.items() if sha != DELETED},
    )
