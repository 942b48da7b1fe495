"""Does a child end with its owner, however that ends?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.supervise import LEASH
from bench import processes

SLEEPER = "import time; time.sleep(600)"


def leashed(tmp_path: Path, command: list[str], *, grace_s: float = 5.0) -> subprocess.Popen[bytes]:
    """Start a command on a leash, as its owner would."""
    process = subprocess.Popen([sys.executable, "-I", "-S", str(LEASH), "test"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    order = {"command": command, "folder": None, "pid_file": str(tmp_path / "pid"), "grace_s": grace_s}
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    return process


def child_of(tmp_path: Path) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (tmp_path / "pid").exists() and (text := (tmp_path / "pid").read_text()):
            return int(text)
        time.sleep(0.02)
    raise AssertionError("the child did not start")


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(process.pid == pid and process.rss_mb > 0 for process in processes.tree(pid)):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("end", ["pipe", "term", "kill"])
def test_a_child_ends_with_its_owner(tmp_path: Path, end: str) -> None:
    """The owner gone (end of file), the leash asked to end, the leash killed: the child ends."""
    leash = leashed(tmp_path, [sys.executable, "-c", SLEEPER])
    child = child_of(tmp_path)
    assert leash.stdin is not None
    if end == "term":
        leash.terminate()
    elif end == "kill":
        leash.kill()
    else:
        leash.stdin.close()
    assert gone(child)
    leash.wait(10)
    leash.stdin.close()


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    """A child that ignores SIGTERM has some seconds, and no more."""
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    leash = leashed(tmp_path, [sys.executable, "-c", stubborn], grace_s=0.3)
    child = child_of(tmp_path)
    time.sleep(0.5)
    assert leash.stdin is not None
    leash.stdin.close()
    leash.wait(10)
    assert gone(child)


def test_a_child_that_ends_by_itself_ends_the_leash(tmp_path: Path) -> None:
    """The leash answers with the child's exit code, so that its owner can start it again."""
    leash = leashed(tmp_path, [sys.executable, "-c", "raise SystemExit(7)"])
    assert leash.wait(10) == 7
    assert leash.stdin is not None
    leash.stdin.close()
    assert not (tmp_path / "pid").exists()


def test_ctrl_c_reaches_no_child(tmp_path: Path) -> None:
    """Ctrl-C goes to the whole group; children wait until serve has answered its last request."""
    leash = leashed(tmp_path, [sys.executable, "-c", SLEEPER])
    child = child_of(tmp_path)
    time.sleep(0.3)
    os.kill(leash.pid, signal.SIGINT)
    os.kill(child, signal.SIGINT)
    time.sleep(0.3)
    assert leash.poll() is None
    assert not any(process.rss_mb == 0 for process in processes.tree(child) if process.pid == child)
    leash.terminate()
    leash.wait(10)
    assert leash.stdin is not None
    leash.stdin.close()
