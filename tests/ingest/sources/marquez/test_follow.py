"""Does everything that appears in Marquez's table get into the journal, once, whatever happens there?

A real PostgreSQL with Marquez's table, fed by rows that a real Marquez stored.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from graph_schema.errors import LineageError
from ingest.sources.faults import AlreadyFollowing
from ingest.sources.marquez.address import address_of
from ingest.sources.marquez.kept import locked
from ingest.sources.marquez.reading import PAGE_ROWS
from ingest.sources.marquez.reading import opened as opened_table
from tests.postgres.following import (
    digest,
    digests_of,
    events_of,
    follow_once,
    following,
    opened,
    rejected_of,
    standing,
    until,
)
from tests.postgres.marquez import BLIND, PASSWORD, SCENARIOS, MarquezDatabase, recorded
from tests.postgres.server import thaw

BIG = 1_500_000


def event(number: int, **more: Any) -> dict[str, Any]:
    """A run event of its own."""
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-05-01T10:00:00Z",
        "run": {"runId": f"0190a0a0-0000-7000-8000-{number:012d}"},
        "job": {"namespace": "n", "name": f"j{number}"},
        "producer": "p",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        **more,
    }


def numbers(home: Path) -> list[int]:
    """Which of those events the journal holds, in order."""
    return [int(one["run"]["runId"][-12:]) for one in events_of(home)]


def has(home: Path, number: int) -> bool:
    """Tell whether the journal holds one of those events."""
    return number in numbers(home)


def plain_cursor(connection: psycopg.Connection[Any], last: datetime) -> tuple[list[int], datetime]:
    """Read as a reader would that believes in `created_at > last`."""
    rows = connection.execute(
        "SELECT created_at, event->'run'->>'runId' FROM lineage_events WHERE created_at > %s ORDER BY created_at",
        [last],
    ).fetchall()
    return [int(run[-12:]) for _, run in rows], rows[-1][0] if rows else last


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_recorded_rows_are_the_events(marquez_db: MarquezDatabase, tmp_path: Path, scenario: str) -> None:
    """What a real Marquez stored comes into the journal, in order of arrival; a second look adds nothing."""
    rows = recorded(scenario)
    with marquez_db.connect() as connection:
        for row in rows:
            marquez_db.insert(connection, row["event"])
    follower = follow_once(tmp_path / "home", marquez_db.address)
    expected = list(dict.fromkeys(digest(row["event"]) for row in rows))
    assert digests_of(tmp_path / "home") == expected
    assert (follower.counts.rows, follower.counts.refused) == (len(rows), 0)
    assert follow_once(tmp_path / "home", marquez_db.address).counts == follower.counts


def test_a_plain_cursor_loses_what_we_do_not(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """A row whose transaction began first and ended last is behind `created_at > last`; we have it within seconds."""
    home = tmp_path / "home"
    with marquez_db.connect() as slow, marquez_db.connect() as quick, following(home, marquez_db.address):
        last = datetime(2000, 1, 1, tzinfo=UTC)
        seen: list[int] = []
        for turn in range(0, 40, 2):
            with slow.transaction():
                marquez_db.insert(slow, event(turn))
                marquez_db.insert(quick, event(turn + 1))
                found, last = plain_cursor(quick, last)
                seen += found
        until(lambda: len(numbers(home)) == 40)
        found, _ = plain_cursor(quick, last)
        seen += found
    assert sorted(numbers(home)) == list(range(40))
    assert set(range(40)) - set(seen) == set(range(0, 40, 2))


@pytest.mark.slow
def test_eight_writers_with_large_events(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Every 20th event has 1.5 MB; commits come in any order; nothing is missed and nothing doubled."""
    home, each = tmp_path / "home", 60

    def write(writer: int) -> None:
        with marquez_db.connect() as connection:
            for turn in range(each):
                number = writer * each + turn
                more = (
                    {"run": {**event(number)["run"], "facets": {"x": {"big": "ab" * (BIG // 2)}}}}
                    if turn % 20 == 7
                    else {}
                )
                with connection.transaction():
                    marquez_db.insert(connection, event(number, **more))
                    time.sleep(0.02 * (number % 5))

    with following(home, marquez_db.address), ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
        until(lambda: len(digests_of(home)) == 8 * each)
    assert sorted(numbers(home)) == list(range(8 * each))


@pytest.mark.slow
def test_a_lock_on_the_table_holds_up_nothing_else(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Inserts that waited for an index build appear seconds behind their `created_at`, and are found."""
    home = tmp_path / "home"

    def write(number: int) -> None:
        with marquez_db.connect() as connection:
            marquez_db.insert(connection, event(number))

    with following(home, marquez_db.address), marquez_db.connect() as locking, ThreadPoolExecutor(8) as pool:
        write(99)
        with locking.transaction():
            locking.execute("LOCK TABLE lineage_events IN SHARE MODE")
            waiting = [pool.submit(write, number) for number in range(8)]
            time.sleep(4)
            assert not any(one.done() for one in waiting)
        until(lambda: len(numbers(home)) == 9)
    assert sorted(numbers(home)) == [*range(8), 99]


@pytest.mark.slow
def test_a_transaction_left_open_delays_nobody(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """What is newer comes at once; what was behind it comes within seconds of its commit, also after a restart of ours."""
    home = tmp_path / "home"
    with marquez_db.connect() as slow, marquez_db.connect() as quick:
        with slow.transaction():
            marquez_db.insert(slow, event(0))
            with following(home, marquez_db.address):
                for number in range(1, 6):
                    marquez_db.insert(quick, event(number))
                until(lambda: len(numbers(home)) == 5, timeout_s=5)
        with following(home, marquez_db.address) as follower:
            until(lambda: len(numbers(home)) == 6, timeout_s=12)
            assert follower.counts.late == 1
    assert sorted(numbers(home)) == list(range(6))


def test_a_server_in_another_zone_is_measured(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """New York: created_at lies hours ahead. It is said, and nothing is missed; late rows neither."""
    home = tmp_path / "home"
    with marquez_db.connect("America/New_York") as one, marquez_db.connect("America/New_York") as slow:
        marquez_db.insert(one, event(0))
        with following(home, marquez_db.address) as follower:
            until(lambda: numbers(home) == [0])
            with slow.transaction():
                marquez_db.insert(slow, event(1))
                for number in range(2, 5):
                    time.sleep(0.7)
                    marquez_db.insert(one, event(number))
                    until(partial(has, home, number))
            until(lambda: 1 in numbers(home), timeout_s=12)
            assert follower.standing()["shift_s"] in {4 * 3600, 5 * 3600}
            assert "does not run in UTC" in " ".join(follower.standing()["notes"])
    assert sorted(numbers(home)) == list(range(5))


@pytest.mark.parametrize(("before", "after"), [(5, 4), (0, -1)], ids=["New York", "London"])
def test_rows_behind_the_cursor_at_a_change_of_the_clocks(
    marquez_db: MarquezDatabase, tmp_path: Path, before: int, after: int
) -> None:
    """In spring `created_at` goes back an hour: those rows are found within seconds, and then at once."""
    home = tmp_path / "home"

    def write(connection: psycopg.Connection[Any], number: int, hours: int) -> None:
        marquez_db.insert(connection, event(number), datetime.now(UTC) + timedelta(hours=hours))
        until(lambda: number in numbers(home), timeout_s=12)

    with marquez_db.connect() as connection, following(home, marquez_db.address) as follower:
        until(lambda: follower.standing()["state"] == "following")
        for number in range(3):
            write(connection, number, before)
        assert follower.standing()["shift_s"] == before * 3600
        for number in range(3, 6):
            write(connection, number, after)
        assert follower.standing()["shift_s"] == after * 3600
    assert numbers(home) == list(range(6))


def test_rows_without_an_instant_are_taken_once(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """They are older than the column; broken ones among them are kept once, too."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        for number in range(250):
            marquez_db.insert(connection, event(number), None)
        marquez_db.insert(connection, {"no": "event"}, None)
        marquez_db.insert(connection, event(250))
    first = follow_once(home, marquez_db.address).counts
    assert (first.rows, first.events, first.refused) == (252, 251, 1)
    assert follow_once(home, marquez_db.address).counts == first
    assert sorted(numbers(home)) == list(range(251))


def test_broken_events_are_kept_with_their_reason_once(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Not once per look, nor again after a restart, nor after the follower's file was lost or left behind."""
    home = tmp_path / "home"
    broken: list[Any] = [
        1,
        "text",
        [],
        {},
        {"eventTime": "2026-05-01T10:00:00Z"},
        {**event(1), "eventTime": "soon"},
    ]
    with marquez_db.connect() as connection:
        with following(home, marquez_db.address) as follower:
            for one in broken:
                marquez_db.insert(connection, one)
            marquez_db.insert(connection, event(7))
            until(lambda: numbers(home) == [7])
            time.sleep(1.5)
            assert follower.counts.refused == len(broken)
        follow_once(home, marquez_db.address)
        with closing(
            sqlite3.connect(home / "follow.sqlite")
        ) as db:  # as after a crash between journal and file
            db.execute("DELETE FROM refused")
            db.execute("DELETE FROM seen")
            db.execute("UPDATE fact SET value = json_set(value, '$.position', 0) WHERE name = 'facts'")
            db.commit()
        follow_once(home, marquez_db.address)
        for path in home.glob("follow.sqlite*"):
            path.unlink()
        follow_once(home, marquez_db.address)
    assert len(rejected_of(home)) == len(broken)


def test_more_rows_of_one_instant_than_a_page(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """A restored table may have thousands of them: all are read, what follows too."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0), datetime(2026, 5, 1, tzinfo=UTC))
        connection.execute(
            "INSERT INTO lineage_events (event_time, event, created_at) SELECT now(), jsonb_set(e.event, '{run,runId}', "
            "to_jsonb('0190a0a0-0000-7000-8000-' || lpad(n::text, 12, '0'))), e.created_at + '1 second' "
            "FROM lineage_events e, generate_series(1, %s) n",
            [PAGE_ROWS + 700],
        )
        marquez_db.insert(connection, event(1_000_000))
    counts = follow_once(home, marquez_db.address).counts
    assert (counts.rows, counts.duplicates) == (PAGE_ROWS + 702, 0)
    assert sorted(numbers(home)) == [*range(PAGE_ROWS + 701), 1_000_000]


def test_equal_rows_are_one_event(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Redeliveries are rows of their own there; they are told as duplicates and not read again for ever."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        for _ in range(3):
            marquez_db.insert(connection, event(1))
        for _ in range(2):
            marquez_db.insert(connection, event(2), datetime(2026, 5, 1, tzinfo=UTC))
    counts = follow_once(home, marquez_db.address).counts
    assert counts.events == 2
    assert sorted(numbers(home)) == [1, 2]


@pytest.mark.slow
def test_a_database_that_restarts_is_gone_on_with(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """It says since when it could not be read and why; what was written after it came back is there."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
    with following(home, marquez_db.address):
        until(lambda: numbers(home) == [0])
        for number, how in ((1, signal.SIGINT), (2, signal.SIGQUIT)):
            marquez_db.server.stop(how)
            until(lambda: standing(home).get("error", {}).get("code") == "SOURCE_UNAVAILABLE")
            assert standing(home)["state"] == "waiting"
            assert standing(home)["up"] is False
            marquez_db.server.start()
            with marquez_db.connect() as connection:
                marquez_db.insert(connection, event(number))
            until(partial(has, home, number))
            until(lambda: standing(home)["state"] == "following" and "error" not in standing(home))
    assert numbers(home) == [0, 1, 2]


@pytest.mark.slow
def test_a_database_that_hangs_is_left_and_tried_again(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Its processes stand still in the midst of everything: it is told, and gone on with when they move."""
    home = tmp_path / "home"
    with following(home, marquez_db.address, timeout_s=1) as follower, marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
        until(lambda: numbers(home) == [0])
        frozen = marquez_db.server.freeze()
        try:
            until(lambda: "error" in follower.standing(), timeout_s=45)
            assert follower.standing()["lag_s"] > 5
        finally:
            thaw(frozen)
        marquez_db.insert(connection, event(1))
        until(lambda: numbers(home) == [0, 1])
        until(lambda: follower.standing()["lag_s"] < 3)


@pytest.mark.slow
def test_a_slow_database_is_waited_for(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """A table that nobody can read for longer than a question may take: an error meanwhile, and then all of it."""
    home = tmp_path / "home"
    with following(home, marquez_db.address, timeout_s=1) as follower, marquez_db.connect() as locking:
        until(lambda: follower.standing()["state"] == "following")
        with locking.transaction():
            locking.execute("LOCK TABLE lineage_events IN ACCESS EXCLUSIVE MODE")
            marquez_db.insert(locking, event(0))
            until(lambda: "did not answer in time" in str(follower.standing().get("error")))
        until(lambda: numbers(home) == [0])


def test_a_journal_that_cannot_be_written_loses_nothing(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Nothing is taken note of before the journal has it."""
    home = tmp_path / "home"
    opened(home).close()
    with (
        closing(sqlite3.connect(home / "journal.sqlite", isolation_level=None)) as other,
        following(home, marquez_db.address) as follower,
        marquez_db.connect() as connection,
    ):
        follower._journal._busy_timeout_s = 0.2
        other.execute("BEGIN IMMEDIATE")
        marquez_db.insert(connection, event(0))
        until(lambda: "JOURNAL_UNAVAILABLE" in str(follower.standing().get("error")))
        other.execute("ROLLBACK")
        until(lambda: numbers(home) == [0])


def test_a_role_that_cannot_see_others_says_so(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """It reads by the window of two hours, and names the right that is missing."""
    home = tmp_path / "home"
    address = marquez_db.server.url(marquez_db.name, BLIND, PASSWORD)
    with marquez_db.connect() as slow, marquez_db.connect() as quick, following(home, address) as follower:
        marquez_db.insert(quick, event(0))
        with slow.transaction():
            marquez_db.insert(slow, event(1))
            marquez_db.insert(quick, event(2))
            until(lambda: len(numbers(home)) == 2)
            assert follower.standing()["mode"] == "window"
            assert "GRANT pg_read_all_stats" in " ".join(follower.standing()["notes"])
        until(lambda: len(numbers(home)) == 3, timeout_s=12)


def test_the_horizon_is_used_where_it_can_be_seen(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """And a transaction that has been open for long is told."""
    with marquez_db.connect() as slow, following(tmp_path / "home", marquez_db.address) as follower:
        until(lambda: follower.standing()["mode"] == "horizon")
        assert follower.standing()["notes"] == []
        with slow.transaction():
            slow.execute("SELECT 1 FROM lineage_events")
            until(lambda: follower._edge is not None and follower._edge.open_since is not None)


def test_nothing_can_be_written_there(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Every session of ours is read only, whatever its role may do, and asks for no transaction longer than a question."""
    address = marquez_db.server.url(marquez_db.name)  # the owner of the table
    with following(tmp_path / "home", address) as follower, marquez_db.connect() as connection:
        until(lambda: follower.standing()["state"] == "following")
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'headwater-follow' AND datname = %s",
            [marquez_db.name],
        ).fetchone()
        assert found == (1,)

    async def write() -> None:
        async with opened_table(address_of(address), timeout_s=5) as table:
            await table._ask("DELETE FROM lineage_events")

    with pytest.raises(LineageError, match="read-only"):
        asyncio.run(write())


def test_another_database_is_refused(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Its events would be in the journal for good: whoever means it says so, and then it is read whole."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
    follow_once(home, marquez_db.address)
    with closing(sqlite3.connect(home / "follow.sqlite")) as db:
        db.execute("UPDATE fact SET value = json_set(value, '$.identity', 'another/1') WHERE name = 'facts'")
        db.commit()
    with pytest.raises(LineageError, match="--anew") as refused:
        follow_once(home, marquez_db.address)
    assert refused.value.code == "FOREIGN_SOURCE"
    assert PASSWORD not in str(refused.value)


def test_rows_that_retention_took_are_told(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Where the newest row that was read is gone, so may be others that never were."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
        follow_once(home, marquez_db.address)
        connection.execute("DELETE FROM lineage_events")
        marquez_db.insert(connection, event(1))
        follower = follow_once(home, marquez_db.address)
        assert "retention" in " ".join(follower.standing()["notes"])
    assert numbers(home) == [0, 1]


def test_two_do_not_follow_into_one_home(tmp_path: Path) -> None:
    """The second is told, and may wait for its place."""
    with locked(tmp_path), pytest.raises(AlreadyFollowing), locked(tmp_path):
        pass


def test_a_journal_begun_anew_is_filled_anew(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """How far was read is of one journal alone."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
    follow_once(home, marquez_db.address)
    for path in home.glob("journal.sqlite*"):
        path.unlink()
    follow_once(home, marquez_db.address)
    assert numbers(home) == [0]


def test_instants_beyond_a_calendar_are_read(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """A row dated to infinity by hand hides nothing."""
    home = tmp_path / "home"
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0), "infinity")
        marquez_db.insert(connection, event(1), "-infinity")
        marquez_db.insert(connection, event(2), "9999-12-31 23:59:59+00")
        with following(home, marquez_db.address) as follower:
            until(lambda: len(numbers(home)) >= 2)
            marquez_db.insert(connection, event(3))
            until(lambda: 3 in numbers(home), timeout_s=12)
            assert follower.counts.rows <= 4
    assert {0, 2, 3} <= set(numbers(home))
