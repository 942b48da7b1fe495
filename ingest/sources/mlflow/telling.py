"""How is what was decided told, so that a crash anywhere leaves nothing out and nothing doubled?

First the times at which changes were found are kept, then the events go into the journal, then the ledger takes note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from graph_schema import instants
from ingest.inbox import judge
from ingest.journal import Journal, Record
from ingest.sources.mlflow import SOURCE
from ingest.sources.mlflow.decide import Decision, Row
from ingest.sources.mlflow.ledger import Ledger, Thing

EVENTS_AT_ONCE: Final = 500


@dataclass(slots=True)
class Batch:
    """What is decided and not yet told. Later decisions in it see the earlier ones."""

    ledger: Ledger
    now: str = field(default_factory=instants.now)
    rows: dict[Thing, Row] = field(default_factory=dict)
    decisions: dict[Thing, list[Decision]] = field(default_factory=dict)

    def row(self, kind: str, one: str) -> Row:
        """Give what is known of a thing by now."""
        decided = self.rows.get((kind, one))
        return self.ledger.row(kind, one) if decided is None else decided

    def decide(self, kind: str, one: str, make: Callable[[Row, str], Decision], *, at: str = "") -> Decision:
        """Decide on a thing: `make` is given its row and the time a change counts as found.

        A change that was found before a crash, and perhaps told, keeps that time.
        """
        row = self.row(kind, one)
        made = make(row, at or self.now)
        if made.late:
            before = self.ledger.found_at(kind, one, made.row.digest)
            if before is not None:
                made = make(row, before)
        if made.events or made.row != row:
            self.rows[kind, one] = made.row
            self.decisions.setdefault((kind, one), []).append(made)
        return made

    def note(self, kind: str, one: str, row: Row) -> None:
        """Take note of something that is not told by an event."""
        if row != self.row(kind, one):
            self.rows[kind, one] = row

    @property
    def events(self) -> int:
        """Say how many events wait."""
        return sum(len(one.events) for listed in self.decisions.values() for one in listed)


def tell(batch: Batch, journal: Journal) -> None:
    """Tell a batch, and take note of it."""
    ledger = batch.ledger
    ledger.note_found(_found(batch.decisions))
    records = [record for listed in batch.decisions.values() for one in listed for record in _records(one)]
    for start in range(0, len(records), EVENTS_AT_ONCE):
        some = records[start : start + EVENTS_AT_ONCE]
        appended = journal.append(some)
        refused = sum(1 for record in some if record.kind != "event")
        new = sum(1 for one in appended if not one.duplicate) - refused
        ledger.counts.events += new
        ledger.counts.refused += refused
        ledger.counts.duplicates += len(some) - new - refused
    ledger.save(batch.rows)


def _found(decisions: Mapping[Thing, list[Decision]]) -> dict[Thing, tuple[str, str]]:
    return {
        thing: (one.row.digest, one.events[-1]["eventTime"])
        for thing, listed in decisions.items()
        for one in listed
        if one.late
    }


def _records(one: Decision) -> list[Record]:
    received = instants.now()
    return [judge(orjson.dumps(event), received_at=received, source=SOURCE).record for event in one.events]
