"""How does the journal show that nobody changed it?

Each record carries a link: sha256 over the previous link and everything the record says. Changing, removing,
swapping or inserting a record breaks the link of that record or of the next. Only a cut at the end leaves no
trace inside the file, so a head that was noted earlier is compared as well.

    link = sha256( previous | kind | sha256(body) | canonical hash | flag | received at | source )

Kinds that carry a reason (rejected, set-aside) put `sha256(reason) |` before the source. The first record's
previous link is made of the journal's id, so that records of one journal prove nothing in another.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    # A position, and how to read its record and stored link; reading raises BrokenRecord.
    Row = tuple[int, Callable[[], tuple["Linked", bytes]]]

KINDS_WITH_REASON = frozenset({"rejected", "set-aside"})


@dataclass(frozen=True, slots=True)
class Linked:
    """What one link speaks of, with the body already hashed."""

    kind: str
    body_hash: bytes
    digest: bytes | None
    suspect: bool
    received_at: str
    source: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found: `head` is the link of the last good record, to be kept somewhere else."""

    records: int
    ok: bool
    first_broken_position: int | None
    reason: str | None
    head: str


class BrokenRecord(Exception):
    """A row that is no record of this journal; raised while reading rows, and turned into a report here."""


def first_link(journal_id: str) -> bytes:
    """Give the link that stands before the first record."""
    return sha256(b"headwater-journal|" + journal_id.encode()).digest()


def next_link(previous: bytes, record: Linked) -> bytes:
    """Give a record's link. Free text comes last, all else has a fixed form: no two records share a text."""
    parts = [
        previous.hex(),
        record.kind,
        record.body_hash.hex(),
        record.digest.hex() if record.digest is not None else "",
        "1" if record.suspect else "0",
        record.received_at,
    ]
    if record.kind in KINDS_WITH_REASON:
        parts.append("" if record.reason is None else sha256(record.reason.encode()).hexdigest())
    parts.append(record.source)
    return sha256("|".join(parts).encode()).digest()


def verify_chain(rows: Iterable[Row], journal_id: str, *, expected_head: str | None) -> VerifyReport:
    """Recompute every link. `expected_head`, noted earlier, must be a link here, or the end was cut off."""
    link, count = first_link(journal_id), 0
    head_seen = expected_head is None or expected_head == link.hex()
    for position, read in rows:
        if position != count + 1:
            return _broken(count, count + 1, f"record {count + 1} is missing", link)
        try:
            record, stored = read()
        except BrokenRecord as error:
            return _broken(count, position, f"record {position} {error}", link)
        expected = next_link(link, record)
        if stored != expected:
            what = (
                f"record {position} does not follow from the one before it: it was changed, moved or inserted"
            )
            return _broken(count, position, what, link)
        link, count = expected, position
        head_seen = head_seen or link.hex() == expected_head
    if not head_seen:
        return _broken(
            count, count + 1, "no record has the expected head: records at the end are missing", link
        )
    return VerifyReport(records=count, ok=True, first_broken_position=None, reason=None, head=link.hex())


def _broken(count: int, position: int, reason: str, link: bytes) -> VerifyReport:
    return VerifyReport(
        records=count, ok=False, first_broken_position=position, reason=reason, head=link.hex()
    )
