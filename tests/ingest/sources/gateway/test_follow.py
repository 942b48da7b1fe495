"""Is each line of a gateway's log read, and told once, however the log is rotated and whenever we are killed?"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_schema.errors import LineageError
from ingest.journal import Journal
from ingest.sources.gateway.follow import Follower, Reading
from ingest.sources.gateway.kept import locked
from tests.ingest.sources.gateway.test_lines import LINE, NAMES
from tests.needs import ROOT

Json = dict[str, Any]


def line(number: int) -> bytes:
    return json.dumps({**LINE, "request_id": f"r{number}"}).encode() + b"\n"


@contextmanager
def opened(home: Path) -> Iterator[Journal]:
    home.mkdir(exist_ok=True)
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        yield journal


def read(home: Path, log: Path, *, again: bool = False) -> Json:
    """Read what is there, and give how that was."""
    with opened(home) as journal:
        follower = Follower(home, journal, Reading(log, NAMES))
        asyncio.run(follower.run(asyncio.Event(), once=True, again=again))
        return follower.standing()


def requests_of(home: Path) -> list[str]:
    """Give the requests that a home's journal tells of."""
    with opened(home) as journal:
        found = [json.loads(one.body) for one in journal.read_after(0, 10_000)]
    return [one["run"]["facets"]["gateway_access"]["requestId"] for one in found]


def append(log: Path, *numbers: int) -> None:
    with log.open("ab") as opened_log:
        opened_log.writelines(line(number) for number in numbers)


def test_lines_are_told_once(tmp_path: Path) -> None:
    """What was read is not read again; half a line waits for its end; what is none is counted."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    append(log, 1, 2)
    with log.open("ab") as opened_log:
        opened_log.write(b"no line\n" + line(3)[:40])
    assert read(home, log)["notes"][0].endswith("the last one begins b'no line'")
    with log.open("ab") as opened_log:
        opened_log.write(line(3)[40:])
    standing = read(home, log)
    assert requests_of(home) == ["r1", "r2", "r3"]
    assert [standing[name] for name in ("requests", "events", "duplicates", "refused")] == [3, 3, 0, 1]
    assert read(home, log, again=True)["duplicates"] == 3


def test_a_log_that_is_renamed_is_read_to_its_end(tmp_path: Path) -> None:
    """The gateway goes on writing into it until it opens the new one; and it may have been renamed twice."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    append(log, 1)
    read(home, log)
    log.rename(tmp_path / "access.log.1")
    log.touch()
    append(tmp_path / "access.log.1", 2)
    read(home, log)
    append(tmp_path / "access.log.1", 3)
    append(log, 4)
    (tmp_path / "access.log.1").rename(tmp_path / "access.log.2")
    log.rename(tmp_path / "access.log.1")
    append(log, 5)
    (tmp_path / "access.log.3.gz").write_bytes(b"packed")
    assert read(home, log)["refused"] == 0
    assert sorted(requests_of(home)) == ["r1", "r2", "r3", "r4", "r5"]


def test_a_log_that_is_copied_and_cut_goes_on_in_its_copy(tmp_path: Path) -> None:
    """What was written between our last look and the cut stands there alone."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    append(log, 1)
    read(home, log)
    append(log, 2)
    shutil.copyfile(log, tmp_path / "access.log.1")
    log.write_bytes(line(3) + line(4) + line(5))  # longer than before, so that its size tells nothing
    standing = read(home, log)
    assert requests_of(home) == ["r1", "r2", "r3", "r4", "r5"]
    assert (standing["duplicates"], standing["notes"]) == (0, [])


def test_a_part_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """What is there is read."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    append(log, 1)
    read(home, log)
    log.unlink()
    append(log, 2)
    assert "rotated away before it was read" in read(home, log)["notes"][0]
    assert requests_of(home) == ["r1", "r2"]


def test_a_line_of_any_length_is_passed_over(tmp_path: Path) -> None:
    """Memory is bounded by one piece."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    log.write_bytes(line(1) + b"x" * 3_000_000 + b"\n" + line(2))
    standing = read(home, log)
    assert requests_of(home) == ["r1", "r2"]
    assert standing["refused"] >= 1


def test_a_log_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    """With the next step."""
    with pytest.raises(LineageError, match="start the gateway") as found:
        read(tmp_path / "home", tmp_path / "none.log")
    assert found.value.code == "SOURCE_UNAVAILABLE"


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """Its place is in the home."""
    with locked(tmp_path), pytest.raises(LineageError) as found, locked(tmp_path):
        pass
    assert found.value.code == "ALREADY_FOLLOWING"


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["write", "write", "half", "read", "rename", "copy", "forget"]), max_size=14))
def test_whatever_happens_each_line_is_told_once(steps: list[str]) -> None:
    """A law: over writing, half lines, rotations of both kinds, readings, and crashes that lose the note of a reading, each
    request is told exactly once, in the end.
    """
    with tempfile.TemporaryDirectory() as folder:
        log, home = Path(folder) / "access.log", Path(folder) / "home"
        log.touch()
        written, rotated, half, note = 0, 0, b"", None
        for step in [*steps, "write", "read"]:
            if step == "write":
                written += 1
                log.write_bytes(log.read_bytes() + half + line(written))
                half = b""
            elif step == "half" and not half:
                written += 1
                whole = line(written)
                log.write_bytes(log.read_bytes() + whole[:50])
                half = whole[50:]
            elif step == "read":
                note = _ledger(home)
                read(home, log)
            elif step == "rename" and not half:
                rotated += 1
                log.rename(log.with_name(f"access.log.{rotated:03}"))
                log.touch()
            elif step == "copy" and not half:
                rotated += 1
                shutil.copyfile(log, log.with_name(f"access.log.{rotated:03}"))
                log.write_bytes(b"")
            elif step == "forget" and note is not None:
                (home / "gateway.sqlite").write_bytes(note)  # killed before the note of the last reading
                for suffix in ("-wal", "-shm"):
                    (home / f"gateway.sqlite{suffix}").unlink(missing_ok=True)
        assert sorted(requests_of(home)) == sorted(f"r{number + 1}" for number in range(written))


def _ledger(home: Path) -> bytes | None:
    path = home / "gateway.sqlite"
    return path.read_bytes() if path.exists() else None


@pytest.mark.crash
def test_killed_while_the_log_is_written_nothing_is_missed_or_doubled(tmp_path: Path) -> None:
    """Kill -9 of the process, some times over, while lines come and the log is rotated."""
    log, home = tmp_path / "access.log", tmp_path / "home"
    log.touch()
    command = [sys.executable, "-m", "ingest.sources.gateway", "--home", str(home), "--log", str(log)]
    named = ["--namespace", NAMES.gateway, "--mlflow-namespace", NAMES.mlflow]
    written = 0
    for life in range(4):
        process = subprocess.Popen([*command, *named], cwd=ROOT, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 1.5 + life / 5
        while time.monotonic() < end:
            written += 1
            append(log, written)
            if written % 200 == 0:
                log.rename(tmp_path / f"access.log.{written}")
                log.touch()
            time.sleep(0.002)
        process.kill()
        process.wait()
    read(home, log)
    assert sorted(requests_of(home)) == sorted(f"r{number + 1}" for number in range(written))
