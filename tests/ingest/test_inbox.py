"""Is a body judged rightly, kept whatever the judgement, and answered only when it is durable?"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import BadJson, EventRejected, JournalUnavailable, Overloaded, TooLarge
from ingest.canonical import parse
from ingest.inbox import Accepted, Inbox, is_array, judge, split
from ingest.journal import Journal

AT = "2026-05-01T10:00:00.000000Z"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journal.sqlite", busy_timeout_s=0.2)
    yield opened
    opened.close()


@asynccontextmanager
async def inbox_over(journal: Journal, **bounds: Any) -> AsyncIterator[Inbox]:
    inbox = Inbox(journal, clock=lambda: AT, **bounds)
    try:
        yield inbox
    finally:
        await inbox.close()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def body(
    run_id: str = "0192b6a0-0000-7000-8000-000000000001", time: str = "2026-05-01T10:00:00Z", **more: Any
) -> bytes:
    base = {
        "eventTime": time,
        "eventType": "START",
        "run": {"runId": run_id},
        "job": {"namespace": "n", "name": "j"},
    }
    return json.dumps({**base, **more}).encode()


def reasons(journal: Journal) -> list[dict[str, str]]:
    return [json.loads(stored.reason or "") for stored in journal.read_after(0, 1000, kind="rejected")]


def test_an_event_is_durable_when_accept_returns(journal: Journal) -> None:
    """The answer carries the journal position and the canonical hash of what another reader finds there."""

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            accepted = await inbox.accept(body(), "http")
            other = Journal.open(journal.path, read_only=True)
            [stored] = other.read_after(0, 10)
            other.close()
            assert (accepted.position, accepted.duplicate, accepted.warnings) == ("1", False, ())
            assert (accepted.id, stored.body) == ((stored.digest or b"").hex(), body())

    run(work())


def test_equal_events_in_one_drain_are_one(journal: Journal) -> None:
    """Two equal events that wait for the same fsync answer with one position, one of them as a duplicate."""

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            spaced = json.dumps(json.loads(body()), indent=1).encode()
            answers = await asyncio.gather(*(inbox.accept(raw, "http") for raw in (body(), spaced, body())))
            assert {answer.position for answer in answers} == {"1"}
            assert sorted(answer.duplicate for answer in answers) == [False, True, True]

    run(work())


def test_refused_bodies_are_kept_with_the_reason(journal: Journal) -> None:
    """Bad JSON and bad events are raised only after they stand in the journal with code, message
    and pointer.
    """

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            for raw, kind in (
                (b"{", BadJson),
                (b"", BadJson),
                (b"[]", EventRejected),
                (b'{"a":1}', EventRejected),
            ):
                with pytest.raises(kind):
                    await inbox.accept(raw, "http")
            assert [reason["code"] for reason in reasons(journal)][:2] == ["BAD_JSON", "BAD_JSON"]
            assert reasons(journal)[3] == {
                **reasons(journal)[3],
                "code": "EVENT_TIME_MISSING",
                "pointer": "/eventTime",
            }
            assert journal.read_after(0, 1, kind="rejected")[0].body == b"{"

    run(work())


def test_an_event_far_ahead_of_its_receipt_is_suspect() -> None:
    """F1: suspect is an eventTime more than 24 h after receipt; exactly 24 h is not."""
    for time, suspect in (
        ("2026-05-02T10:00:00Z", False),
        ("2026-05-02T10:00:00.000001Z", True),
        ("9998-01-01T00:00Z", True),
    ):
        judged = judge(body(time=time), received_at=AT, source="http")
        assert judged.record.suspect is suspect


def test_a_batch_keeps_the_good_and_names_the_bad(journal: Journal) -> None:
    """Hazard 28: good items are stored with their own bytes, bad ones stand in the answer as errors."""

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            first, second = body(), body(run_id="x", producer="é")
            items = await inbox.accept_many(b"[" + b" , ".join([first, b"3", second, b"{}"]) + b"]", "http")
            assert [type(item) for item in items] == [Accepted, EventRejected, Accepted, EventRejected]
            assert [stored.body for stored in journal.read_after(0, 10)] == [first, second]
            assert len(reasons(journal)) == 2
            assert await inbox.accept_many(b"[]", "http") == []
            with pytest.raises(BadJson):
                await inbox.accept_many(b"[{]", "http")
            with pytest.raises(TooLarge):
                await inbox.accept_many(b"[1,1,1]", "http", events_max=2)

    run(work())


def test_overload_refuses_at_once_and_recovers(journal: Journal) -> None:
    """More waiting than may wait is refused as Overloaded; what waited is written, and then there is room
    again.
    """

    async def work() -> None:
        async with inbox_over(journal, waiting_records_max=5) as inbox:
            answers = await asyncio.gather(
                *(inbox.accept(body(run_id=str(n)), "http") for n in range(12)), return_exceptions=True
            )
            assert [isinstance(answer, Accepted) for answer in answers] == [True] * 5 + [False] * 7
            assert all(isinstance(answer, Overloaded) for answer in answers[5:])
            assert (inbox.waiting_records, inbox.waiting_bytes) == (0, 0)
            assert (await inbox.accept(body(run_id="later"), "http")).position == "6"

    run(work())


def test_an_unavailable_journal_accepts_nothing(journal: Journal) -> None:
    """While the journal cannot be written nothing is answered as accepted, a refusal neither; later all is
    well.
    """

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            other = sqlite3.connect(journal.path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            for raw in (body(), b"{"):
                with pytest.raises(JournalUnavailable):
                    await inbox.accept(raw, "http")
            other.execute("ROLLBACK")
            other.close()
            assert not (await inbox.accept(body(), "http")).duplicate

    run(work())


def test_closing_writes_what_waits(journal: Journal) -> None:
    """Close comes back when everything that waited is durable and answered; later calls are refused."""

    async def work() -> None:
        inbox = Inbox(journal)
        waiting = [asyncio.create_task(inbox.accept(body(run_id=str(n)), "http")) for n in range(50)]
        await asyncio.sleep(0)
        await inbox.close()
        assert len({(await task).position for task in waiting}) == 50
        with pytest.raises(JournalUnavailable):
            await inbox.accept(body(), "http")
        assert not [one for one in threading.enumerate() if one.name.startswith("journal-writer")]

    run(work())


def test_a_client_that_goes_away_harms_nobody(journal: Journal) -> None:
    """A cancelled request's event is durable all the same, and others in its group are answered."""

    async def work() -> None:
        async with inbox_over(journal) as inbox:
            gone = asyncio.create_task(inbox.accept(body(run_id="gone"), "http"))
            stays = asyncio.create_task(inbox.accept(body(run_id="stays"), "http"))
            await asyncio.sleep(0)
            gone.cancel()
            assert (await stays).position == "2"
            assert journal.count_after(0) == 2

    run(work())


def test_a_failed_transaction_never_acknowledges_a_batch_in_part(journal: Journal) -> None:
    """One array is one transaction: all of its events are durable, or the whole call fails and can be sent
    again.
    """

    async def work() -> None:
        async with inbox_over(journal, group_records_max=2) as inbox:
            raw = b"[" + b",".join(body(run_id=str(n)) for n in range(7)) + b"]"
            items = await inbox.accept_many(raw, "http")
            assert [item.position for item in items if isinstance(item, Accepted)] == [
                str(n) for n in range(1, 8)
            ]

    run(work())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(items=st.lists(JSON, max_size=5), ascii_only=st.booleans())
def test_an_array_is_cut_into_its_elements(items: list[Any], ascii_only: bool) -> None:  # noqa: FBT001
    """Cutting an array gives, element by element, what reading it whole gives."""
    raw = json.dumps(items, ensure_ascii=ascii_only, indent=2).encode("utf-8", "surrogatepass")
    assert is_array(raw)
    try:
        whole = parse(raw)
    except BadJson:
        return
    assert [parse(item) for item in split(raw)] == whole


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_judged(raw: bytes) -> None:
    """Whatever the bytes, judging them gives a record; it never fails in another way."""
    judged = judge(raw, received_at=AT, source="http")
    assert (judged.record.kind == "event") is (judged.error is None)
