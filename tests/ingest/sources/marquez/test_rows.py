"""Is an event that came by two ways one event? Each event that was posted to a real Marquez, against the row it made of it."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from ingest.inbox import judge
from ingest.journal import Appended, Journal, Record
from ingest.sources.marquez import SOURCE
from ingest.sources.marquez.rows import Counts, Row, sorted_out
from tests.needs import corpus
from tests.postgres.marquez import SCENARIOS, posted, recorded

AT: Final = "2026-05-01T10:00:00.000000Z"

POSTED: Final[dict[str, Any]] = {
    "eventType": "START",
    "eventTime": "2026-05-01T10:00:00Z",
    "run": {"runId": "0190a0a0-0000-7000-8000-000000000001", "facets": {}},
    "job": {"namespace": "n", "name": "j"},
    "producer": "p",
    "schemaURL": "s",
}


def with_facet(name: str, body: Any) -> dict[str, Any]:
    return {**POSTED, "run": {**POSTED["run"], "facets": {name: body}}}


def nominal(start: str) -> dict[str, Any]:
    return with_facet("nominalTime", {"nominalStartTime": start})


def parent(**of_run: Any) -> dict[str, Any]:
    run = {"runId": "0190a0a0-0000-7000-8000-000000000002", **of_run}
    return with_facet("parent", {"run": run, "job": {"namespace": "n", "name": "p"}, "root": {"extra": 1}})


REWRITTEN: Final = {
    "milliseconds": (nominal("2020-02-22T22:00:00.000Z"), nominal("2020-02-22T22:00:00Z")),
    "offset and zeros": (nominal("2024-11-26T13:05:23.281750+00:00"), nominal("2024-11-26T13:05:23.28175Z")),
    "another zone": (nominal("2020-02-22T23:30:00+01:30"), nominal("2020-02-22T22:00:00Z")),
    "nanoseconds": (nominal("2020-02-22T22:00:00.123456780Z"), nominal("2020-02-22T22:00:00.12345678Z")),
    "unknown member of the parent's run": (parent(attempt=3), parent()),
}
"""An event as posted, and as Marquez has it. The first two are measured, the last is read in its code."""


def events_posted(scenario: str) -> list[bytes]:
    """Give what was posted and is in the table, in order: what was answered 422 is not, nor what cannot be parsed."""
    folder, found = corpus(), []
    for post in posted(scenario):
        body = (folder / post["file"]).read_bytes()
        if post["file"].endswith(".ndjson"):
            body = body.splitlines()[post["line"]]
        if post["status"] in {201, 400}:
            found.append(body)
    return found


def record_of(event: Any, source: str = SOURCE) -> Record:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return judge(body, received_at=AT, source=source).record


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_row_is_the_event_that_was_posted(scenario: str) -> None:
    """By its hash, or where Marquez wrote the times of `nominalTime` anew by the hash that it has then: no exception."""
    bodies, rows = events_posted(scenario), recorded(scenario)
    assert len(bodies) == len(rows)
    for body, row in zip(bodies, rows, strict=True):
        direct, there = record_of(body, "http"), record_of(row["event"])
        assert there.alias in {None, there.digest}
        assert there.digest == (direct.alias or direct.digest), body


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("first", ["posted", "followed"])
def test_both_ways_give_one_record(tmp_path: Path, scenario: str, first: str) -> None:
    """Whichever way an event comes first, in one batch or two, the other way adds nothing."""
    direct = [record_of(body, "http") for body in events_posted(scenario)]
    there = [record_of(row["event"]) for row in recorded(scenario)]
    one, other = (direct, there) if first == "posted" else (there, direct)
    with closing(Journal.open(tmp_path / "journal.sqlite")) as journal:
        journal.append(one)
        again = journal.append(other)
        kinds = [record.kind for record in other]
        assert all(at.duplicate for at, kind in zip(again, kinds, strict=True) if kind == "event")
        assert journal.verify().ok
    with closing(Journal.open(tmp_path / "at-once.sqlite")) as journal:
        mixed = [record for pair in zip(one, other, strict=True) for record in pair]
        journal.append(mixed)
        distinct = {record.alias or record.digest for record in one if record.kind == "event"}
        assert len(journal.read_after(0, 10_000)) == len(distinct)


@pytest.mark.parametrize("how", REWRITTEN)
@pytest.mark.parametrize("order", [1, -1])
def test_what_marquez_rewrites_is_one_event(tmp_path: Path, how: str, order: int) -> None:
    """Each rewriting that is known, in both orders."""
    pair = [record_of(event) for event in REWRITTEN[how]]
    assert pair[0].digest != pair[1].digest
    with closing(Journal.open(tmp_path / "journal.sqlite")) as journal:
        for record in pair[::order]:
            journal.append([record])
        assert len(journal.read_after(0, 10)) == 1


def test_two_ways_to_write_one_time_stay_two_events(tmp_path: Path) -> None:
    """Only what Marquez makes of an event is that event: neither of these is."""
    pair = [record_of(nominal("2020-02-22T22:00:00.0Z")), record_of(nominal("2020-02-22T22:00:00.000Z"))]
    with closing(Journal.open(tmp_path / "journal.sqlite")) as journal:
        assert [at.duplicate for at in journal.append(pair)] == [False, False]


@pytest.mark.parametrize("number", ["1e23", "1e300", "1.7976931348623157e308", "123456789012345678901.5"])
def test_a_large_float_is_another_number_there(number: str) -> None:
    """The one exception that stays: JSONB takes the shortest digits that name a float for the number itself."""
    digits = f"{Decimal(repr(float(number))):f}"  # as Java writes it, and numeric takes it
    body = json.dumps(with_facet("x", {"n": 0})).encode()
    direct, there = (
        record_of(body.replace(b"0}", number.encode() + b"}")),
        record_of(body.replace(b"0}", digits.encode() + b"}")),
    )
    assert direct.digest != there.digest


def test_a_time_without_a_zone_is_another_one_at_a_marquez_elsewhere() -> None:
    """The other exception: a Marquez in New York reads it as New York's, and stores that instant."""
    direct = record_of({**POSTED, "eventTime": "2026-05-01T10:00:00"})
    assert (
        direct.digest == record_of({**POSTED, "eventTime": "2026-05-01T10:00:00Z"}).digest
    )  # in UTC it is one event
    assert direct.digest != record_of({**POSTED, "eventTime": "2026-05-01T14:00:00Z"}).digest


def test_rows_that_hold_no_event_are_kept_once() -> None:
    """A body that was refused before, or twice here, is one rejected record; an event is the journal's to know."""
    good, bad, worse = (json.dumps(POSTED).encode(), b"[]", b'{"a": 1}')
    rows = [Row(at, body) for at, body in enumerate([good, bad, good, bad, worse])]
    known = {Row(0, worse).mark}
    records, refused = sorted_out(rows, received_at=AT, is_refused=known.__contains__)
    assert [(one.kind, one.body, one.source) for one in records] == [
        ("event", good, SOURCE), ("rejected", bad, SOURCE), ("event", good, SOURCE),
    ]  # fmt: skip
    counts = Counts()
    counts.add(
        rows,
        [Appended(1, duplicate=False), Appended(2, duplicate=False), Appended(1, duplicate=True)],
        refused=1,
    )
    assert (len(refused), counts.rows, counts.events, counts.refused, counts.duplicates) == (1, 5, 1, 1, 3)
