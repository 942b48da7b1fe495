"""A journal with events of many runs, a forwarder over it as a process, and what a receiver got."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from graph_schema.instants import now
from ingest.forward.ledger import refused
from ingest.inbox import judge
from ingest.journal import Journal
from ingest.standing import told
from queries.received import ForwardRefused
from tests.arrows import event

Json = dict[str, Any]
PATIENCE_S = 60.0
QUICK = ("--pause-longest-s", "0.4", "--timeout-s", "5", "--tries-max", "4", "--tries-s", "0.5")


def raw(line: str) -> bytes:
    """One event of the small language, as bytes."""
    return json.dumps(event(line)[0]).encode()


def runs(count: int, *, jobs: int = 10) -> list[bytes]:
    """START, RUNNING and COMPLETE of each run, those of ten runs mixed; ten jobs that have nothing to do with each other."""
    lines: list[bytes] = []
    for first in range(0, count, 10):
        block = range(first, min(first + 10, count))
        for hour, kind in enumerate(("START", "RUNNING", "COMPLETE")):
            lines += [raw(f"{hour} {kind} r{n} job{n % jobs}: in{n % jobs} -> out{n % jobs}") for n in block]
    return lines


def keep(home: Path, bodies: Iterable[bytes], source: str = "http") -> list[int]:
    """Put events into the journal of a home, as the door does; gives their positions."""
    home.mkdir(parents=True, exist_ok=True)
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        records = [judge(body, received_at=now(), source=source).record for body in bodies]
        return [one.position for one in journal.append(records)]


def start(home: Path, url: str, *options: str, key: str = "") -> subprocess.Popen[bytes]:
    """Start the forwarder as `serve` does."""
    log = (home / "forward.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "ingest.forward", "--home", str(home), "--url", url, *QUICK, *options],
            stderr=log,
            env={**os.environ, "HEADWATER_FORWARD_API_KEY": key},
        )


@contextmanager
def forwarding(home: Path, url: str, *options: str, key: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run a forwarder for the length of a block; it ends in order."""
    process = start(home, url, *options, key=key)
    try:
        yield process
    except BaseException:
        sys.stderr.write((home / "forward.log").read_text()[-4000:])
        raise
    finally:
        process.terminate()
        assert process.wait(20) in {0, -9, -15, 3}  # -15: it was still starting


def until(true: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def standing(home: Path) -> Json:
    """What the forwarder last said of itself."""
    return told(home, "forward") or {}


def caught_up(home: Path, position: int) -> Callable[[], bool]:
    """Tell whether the forwarder says that it is done up to a position."""
    return lambda: int(standing(home).get("cursor", -1)) >= position


def listed(home: Path) -> list[ForwardRefused]:
    return refused(home, 0, 10_000)


def run_of(body: bytes) -> str:
    return str(json.loads(body)["run"]["runId"])


def first_arrivals(bodies: Iterable[bytes]) -> list[bytes]:
    """Each body once, where it came first."""
    return list(dict.fromkeys(bodies))


def by_run(bodies: Iterable[bytes]) -> dict[str, list[bytes]]:
    """The bodies of each run, in order."""
    found: dict[str, list[bytes]] = {}
    for body in bodies:
        found.setdefault(run_of(body), []).append(body)
    return found
