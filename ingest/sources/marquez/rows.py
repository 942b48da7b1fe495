"""What does a row of `lineage_events` become in the journal?

Marquez keeps the event as JSONB: nulls are gone, `parentRun` is `parent`, a missing zone is filled in, keys are sorted. The
canonical hash knows all of that, and a second one the rest (`ingest/rewritten.py`), so that an event which also came by
another way is one event. What cannot be undone is listed in docs/marquez.md, "One event, two ways".
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from ingest.inbox import judge
from ingest.sources.marquez import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ingest.journal import Appended, Record

MARK_BYTES = 16


class Row(NamedTuple):
    """An event as it stands in the table, and the instant it was given there, in microseconds; None in very old rows."""

    created_at: int | None
    body: bytes

    @property
    def mark(self) -> bytes:
        """Give what the row is known by: the table has no key."""
        return mark_of(self.body)


def mark_of(body: bytes) -> bytes:
    """Hash a body, to know it again."""
    return blake2b(body, digest_size=MARK_BYTES).digest()


def sorted_out(
    rows: Iterable[Row], *, received_at: str, is_refused: Callable[[bytes], bool]
) -> tuple[list[Record], set[bytes]]:
    """Read the events of rows: gives the records to keep, and the marks of those among them that hold no event.

    A body that was refused before is left out: a row is read more than once.
    """
    records: list[Record] = []
    refused: set[bytes] = set()
    for row in rows:
        one = judge(row.body, received_at=received_at, source=SOURCE)
        if one.error is not None:
            mark = row.mark
            if mark in refused or is_refused(mark):
                continue
            refused.add(mark)
        records.append(one.record)
    return records, refused


@dataclass(slots=True)
class Counts:
    """What became of the rows so far; `late` ones were found behind newer ones."""

    rows: int = 0
    bytes: int = 0
    events: int = 0
    duplicates: int = 0
    refused: int = 0
    late: int = 0

    def add(
        self,
        rows: Sequence[Row],
        appended: Iterable[Appended],
        *,
        refused: int,
        behind: int | None = None,
    ) -> None:
        """Count rows that were taken, what the journal answered for their records, and how many of those were refused.

        Rows before `behind`, the newest that was there before, are late.
        """
        new = sum(1 for one in appended if not one.duplicate) - refused
        self.rows += len(rows)
        self.bytes += sum(len(row.body) for row in rows)
        self.events += new
        self.refused += refused
        self.duplicates += len(rows) - new - refused
        self.late += sum(1 for at, _ in rows if at is not None and behind is not None and at < behind)
