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
    together = Together()
    for fact in facts:
        together.add(fact)
    return together.statement(stated)


class Together:
    """What the events of a run state together, as they are added in order."""

    def __init__(self) -> None:
        """Begin with no event."""
        self._inputs: dict[str, None] = {}
        self._outputs: dict[str, None] = {}
        self._entries: dict[str, dict[Sha, None]] = {}
        self._columns: dict[str, Sha] = {}
        self._has_lineage = False
        self._newest: tuple[object, ...] = ()

    def add(self, fact: Fact) -> bool:
        """Add the next event; tell whether it stated anything new."""
        said = (fact.inputs, fact.outputs, fact.entries, fact.has_lineage)
        if said == self._newest:  # most events of a streaming run repeat the one before
            return False
        self._newest = said
        before = self._size()
        replaced = False
        self._inputs.update(dict.fromkeys(reads((fact,))))
        self._outputs.update(dict.fromkeys(writes((fact,))))
        self._has_lineage = self._has_lineage or fact.has_lineage
        for target, sha in fact.entries:
            self._entries.setdefault(target, {})[sha] = None
        for listed in fact.outputs:
            if listed.lineage is not None and listed.lineage != DELETED:
                self._has_lineage = True
                self._entries.setdefault(listed.dataset, {})[listed.lineage] = None
            if listed.column_lineage is not None:
                replaced = replaced or self._columns.get(listed.dataset) != listed.column_lineage
                self._columns[listed.dataset] = listed.column_lineage
        return replaced or self._size() != before

    def _size(self) -> tuple[int, int, int, bool]:
        entries = sum(map(len, self._entries.values()))
        return len(self._inputs), len(self._outputs), entries, self._has_lineage

    def statement(self, stated: Callable[[Sha], Stated]) -> Statement:
        """Give what is stated so far."""
        return Statement(
            inputs=tuple(self._inputs),
            outputs=tuple(self._outputs),
            has_lineage=self._has_lineage,
            entries={target: tuple(map(stated, shas)) for target, shas in self._entries.items()},
            column_lineage={output: stated(sha) for output, sha in self._columns.items() if sha != DELETED},
        )
