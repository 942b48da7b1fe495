"""Is a record durable, in order, found once, and every edit of the file shown?"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import JournalUnavailable
from ingest.journal import Journal, Record

AT = "2026-05-01T10:00:00.000000Z"


def event(text: str, *, suspect: bool = False) -> Record:
    return Record("event", text.encode(), sha256(text.encode()).digest(), suspect, AT, "http")


def rejected(text: str) -> Record:
    return Record("rejected", text.encode(), None, suspect=False, received_at=AT, source="http", reason="why")


def filled(folder: Path, count: int = 6) -> Path:
    path = folder / "journal.sqlite"
    journal = Journal.open(path)
    journal.append([event(f"event {n}") if n % 3 else rejected(f"bad {n}") for n in range(1, count + 1)])
    journal.close()
    return path


def tamper(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_positions_rise_by_one_over_all_kinds(tmp_path: Path) -> None:
    """Positions increase by one over all records; readers of events see the events' positions only."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    set_aside = Record(
        "set-aside", b"", sha256(b"a").digest(), suspect=False, received_at=AT, source="w", reason="x"
    )
    appended = journal.append([event("a"), rejected("b"), event("c"), set_aside])
    assert [one.position for one in appended] == [1, 2, 3, 4]
    assert [(one.position, one.body) for one in journal.read_after(0, 10)] == [(1, b"a"), (3, b"c")]
    assert [one.reason for one in journal.read_after(0, 10, kind="set-aside")] == ["x"]
    assert (journal.end(), journal.count_after(0), journal.count_after(1), journal.count_after(3)) == (
        3,
        2,
        1,
        0,
    )
    journal.close()


def test_a_known_event_is_not_written_again(tmp_path: Path) -> None:
    """A duplicate answers with the first one's position, within one group and after reopening."""
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path)
    first = journal.append([event("a"), event("a"), event("b")])
    assert [(one.position, one.duplicate) for one in first] == [(1, False), (1, True), (2, False)]
    identity = journal.id
    journal.close()
    again = Journal.open(path)
    assert again.id == identity
    assert [(one.position, one.duplicate) for one in again.append([event("b")])] == [(2, True)]
    assert again.find(sha256(b"b").digest()) == 2
    assert again.find(sha256(b"c").digest()) is None
    again.close()


def test_the_same_refused_body_is_kept_each_time(tmp_path: Path) -> None:
    """Only events are unique by hash; every refusal is a fact of its own."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    same = Record("audit", b"x", sha256(b"x").digest(), suspect=False, received_at=AT, source="cli")
    assert [one.position for one in journal.append([rejected("a"), rejected("a"), same, same])] == [
        1,
        2,
        3,
        4,
    ]
    assert journal.end() == 0
    journal.close()


@settings(max_examples=30, deadline=None)
@given(
    groups=st.lists(
        st.lists(st.tuples(st.binary(max_size=200), st.booleans(), st.text(max_size=8)), max_size=5)
    )
)
def test_append_reopen_verify(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[tuple[bytes, bool, str]]]
) -> None:
    """Whatever is appended is read back byte for byte after reopening, in order, and the chain holds."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    kept: dict[bytes, bytes] = {}
    for group in groups:
        journal = Journal.open(path)
        records = [Record("event", body, sha256(body).digest(), flag, AT, text) for body, flag, text in group]
        journal.append(records)
        for record in records:
            kept.setdefault(record.digest or b"", record.body)
        journal.close()
    journal = Journal.open(path)
    assert [stored.body for stored in journal.read_after(0, 1000)] == list(kept.values())
    report = journal.verify(expected_head=journal.head())
    assert (report.ok, report.records, report.head) == (True, len(kept), journal.head())
    journal.close()


EDITS = {
    "body": "UPDATE record SET body = (SELECT body FROM record WHERE position = 2) WHERE position = 4",
    "body no zlib": "UPDATE record SET body = x'00' WHERE position = 4",
    "kind": "UPDATE record SET kind = 'audit' WHERE position = 4",
    "hash": "UPDATE record SET digest = zeroblob(32) WHERE position = 4",
    "no hash": "UPDATE record SET digest = NULL WHERE position = 4",
    "flag": "UPDATE record SET suspect = 1 WHERE position = 4",
    "time": "UPDATE record SET received_at = '2026-05-01T10:00:00.000001Z' WHERE position = 4",
    "source": "UPDATE record SET source = 'http:eve' WHERE position = 4",
    "moved separator": "UPDATE record SET received_at = received_at || '|ht', source = 'tp' "
    "WHERE position = 4",
    "reason added": "UPDATE record SET reason = 'x' WHERE position = 4",
    "link": "UPDATE record SET chain = zeroblob(32) WHERE position = 4",
    "type": "UPDATE record SET source = x'68747470' WHERE position = 4",
    "deletion": "DELETE FROM record WHERE position = 4",
}


@pytest.mark.parametrize("edit", EDITS)
def test_verify_shows_any_edit(tmp_path: Path, edit: str) -> None:
    """An edit of any column, or a deletion, is found at the record where it was made."""
    path = filled(tmp_path)
    tamper(path, EDITS[edit])
    journal = Journal.open(path)
    report = journal.verify()
    assert (report.ok, report.first_broken_position, report.records) == (False, 4, 3)
    assert report.reason
    journal.close()


def test_verify_shows_a_changed_reason(tmp_path: Path) -> None:
    """Why a body was refused is under the chain too."""
    path = filled(tmp_path)
    tamper(path, "UPDATE record SET reason = 'other' WHERE position = 3")
    assert Journal.open(path).verify().first_broken_position == 3


def test_verify_shows_a_swap_and_an_insertion(tmp_path: Path) -> None:
    """Records that change places, or come in between, break the chain where they begin."""
    swapped = filled(tmp_path)
    move = "UPDATE record SET position = {} WHERE position = {}"
    tamper(swapped, move.format(99, 2), move.format(2, 4), move.format(4, 99))
    assert Journal.open(swapped).verify().first_broken_position == 2
    inserted = filled(tmp_path / "other")
    copy = "INSERT INTO record SELECT 7, 'audit', digest, suspect, received_at, source, reason, chain, body"
    tamper(inserted, f"{copy} FROM record WHERE position = 4")
    assert Journal.open(inserted).verify().first_broken_position == 7


def test_a_cut_at_the_end_shows_with_a_head_noted_earlier(tmp_path: Path) -> None:
    """The file alone cannot show a cut at its end; a head that was noted can, and later records do
    no harm.
    """
    path = filled(tmp_path)
    journal = Journal.open(path)
    head = journal.head()
    journal.append([event("later")])
    assert journal.verify(expected_head=head).ok
    journal.close()
    tamper(path, "DELETE FROM record WHERE position >= 6")
    journal = Journal.open(path)
    assert journal.verify().ok
    report = journal.verify(expected_head=head)
    assert (report.ok, report.first_broken_position) == (False, 6)
    journal.close()


def test_records_of_one_journal_prove_nothing_in_another(tmp_path: Path) -> None:
    """The first link is made of the journal's id."""
    path = filled(tmp_path)
    tamper(path, "UPDATE journal SET value = 'other' WHERE name = 'id'")
    assert Journal.open(path).verify().first_broken_position == 1


def test_a_damaged_file_is_reported_not_raised(tmp_path: Path) -> None:
    """Overwritten pages make a report that says so; a file that is no journal cannot be opened."""
    path = filled(tmp_path, count=3000)
    journal = Journal.open(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\xff" * 8192
    path.write_bytes(bytes(data))
    assert not journal.verify().ok
    journal.close()
    path.write_bytes(b"this is no database at all, " * 400)
    with pytest.raises(JournalUnavailable, match="NOTADB"):
        Journal.open(path)


def test_two_processes_share_positions_and_chain(tmp_path: Path) -> None:
    """Several processes may append at once: positions have no gap, the chain holds, a common event is there
    once.
    """
    path = tmp_path / "journal.sqlite"
    code = (
        "import sys\nfrom tests.ingest.test_journal import Journal, event\n"
        "journal = Journal.open(sys.argv[1], busy_timeout_s=30)\n"
        "for n in range(60): journal.append([event(f'{sys.argv[2]} {n}'), event(f'both {n}')])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    journal = Journal.open(path)
    report = journal.verify()
    assert (report.ok, report.records) == (True, 180)
    journal.close()


FULL_DISK = """
import resource, sys
from graph_schema.errors import JournalUnavailable
from tests.ingest.test_journal import Journal, event
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
journal = Journal.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
kept, refused = [], 0
for n in range(3000):
    try:
        kept += [at.position for at in journal.append([event(f"{n} {i}") for i in range(10)])]
    except JournalUnavailable:
        refused += 1
    if refused > 3:
        break
assert refused > 3 and kept, (refused, len(kept))
assert journal.end() == kept[-1] and journal.verify().ok, "readable while full"
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert journal.append([event("after")])[0].position == kept[-1] + 1
report = journal.verify()
assert report.ok and report.records == len(kept) + 1, report
"""


def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    """With no room a group is refused whole, reading goes on, and appending works again when there
    is room.
    """
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "journal.sqlite")], check=False, timeout=60
    )
    assert run.returncode == 0


def test_a_lock_held_by_others_is_waited_for_then_named(tmp_path: Path) -> None:
    """A writer that does not let go makes the journal unavailable, without harm to what comes later."""
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path, busy_timeout_s=0.2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="SQLITE_BUSY"):
        journal.append([event("a")])
    assert journal.end() == 0
    other.execute("ROLLBACK")
    other.close()
    assert journal.append([event("a")])[0].position == 1
    journal.close()


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    """A journal opened for reading only, or closed, refuses to append and says what to do."""
    path = filled(tmp_path)
    reader = Journal.open(path, read_only=True)
    assert len(reader.read_after(0, 10)) == 4
    with pytest.raises(JournalUnavailable, match="reading only"):
        reader.append([event("x")])
    reader.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        reader.end()
    with pytest.raises(JournalUnavailable):
        Journal.open(tmp_path / "absent.sqlite", read_only=True)
    assert path.stat().st_mode & 0o077 == 0, "bodies may hold secrets"


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """After kill -9 every position that append gave is there, and the chain holds."""
    path = tmp_path / "journal.sqlite"
    code = (
        "import sys\nfrom tests.ingest.test_journal import Journal, event\n"
        "journal = Journal.open(sys.argv[1])\n"
        "for n in range(10**6): print(journal.append([event(str(n))])[0].position, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    seen = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    seen += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.stdout.close()
    writer.wait()
    journal = Journal.open(path)
    assert journal.end() >= seen[-1]
    assert journal.verify().ok
    journal.close()


def test_reading_is_bounded_by_bytes(tmp_path: Path) -> None:
    """A page of large bodies is cut short, never to nothing; only an empty list is the end."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.append([event(f"{n}" * 1000) for n in range(1, 6)])
    pages, at = [], 0
    while page := journal.read_after(at, 10, bytes_max=1500):
        pages.append(len(page))
        at = page[-1].position
    assert pages == [2, 2, 1]
    journal.close()


def test_odd_texts_are_storable(tmp_path: Path) -> None:
    """NUL and lone surrogates in a reason or source are replaced; a poisoned record never fails its group."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    odd = Record(
        "rejected", b"\x00\xff", None, suspect=False, received_at=AT, source="a\ud800\x00", reason="|\udfff"
    )
    assert journal.append([odd, event("a")])[1].position == 2
    assert journal.read_after(0, 9, kind="rejected")[0].body == b"\x00\xff"
    assert journal.verify().ok
    journal.close()


def test_a_large_body(tmp_path: Path) -> None:
    """Bodies of many megabytes are kept whole."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    body = os.urandom(1 << 20) * 16
    journal.append(
        [Record("event", body, sha256(body).digest(), suspect=False, received_at=AT, source="http")]
    )
    assert journal.read_after(0, 1)[0].body == body
    journal.close()


def test_readers_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    """While one thread appends, others read; nobody sees half a group."""
    journal = Journal.open(tmp_path / "journal.sqlite")
    done = threading.Event()

    def write() -> None:
        for n in range(40):
            journal.append([event(f"{n} {i}") for i in range(7)])
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        assert journal.count_after(0) % 7 == 0
    thread.join()
    assert journal.end() == 280
    journal.close()
