"""Is everything taken over that Marquez's HTTP API gives, though it has no order and cannot be paged?

What answers here is a stand-in made of what a real Marquez stored and of how it was measured to answer (marquez-run.md 2.3): by
event time, ties in another order each time, all kinds counted and run events alone given, at most `limit` of them.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.ingest.sources.marquez.test_follow import event
from tests.postgres.following import digest, digests_of, rejected_of
from tests.postgres.marquez import SCENARIOS, kind_of, recorded
from tests.server import headwater


@contextmanager
def marquez(events: list[dict[str, Any]], *, failures: int = 0) -> Iterator[str]:
    """Answer /api/v1/events/lineage until the block ends; the first answers are 500."""
    left = [failures]

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            if left[0] > 0:
                left[0] -= 1
                self._say(500, b"<html>no database</html>")
                return
            after, before = instant(asked["after"]), instant(asked["before"])
            found = [one for one in events if after <= instant(one["eventTime"]) < before]
            random.shuffle(found)
            found.sort(key=lambda one: instant(one["eventTime"]))
            given = [one for one in found if kind_of(one) == "RUN_EVENT"][: int(asked["limit"])]
            self._say(200, json.dumps({"totalCount": len(found), "events": given}).encode())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def backfill(home: Path, address: str) -> dict[str, Any]:
    done = headwater("backfill", address, "--home", str(home), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_run_events_are_taken_over(tmp_path: Path, scenario: str) -> None:
    """All of a recorded installation's, and what is left out is counted and told."""
    events = [row["event"] for row in recorded(scenario)]
    given = [one for one in events if kind_of(one) == "RUN_EVENT"]
    with marquez(events, failures=2) as address:
        answer = backfill(tmp_path / "home", address)
        assert backfill(tmp_path / "home", address)["events"] == 0
    assert set(digests_of(tmp_path / "home")) == {digest(one) for one in given}
    assert answer["rows"] == len(given)
    assert "run events alone" in " ".join(answer["limits"])
    assert bool(answer["notes"]) == (len(given) < len(events))


def test_ties_that_are_more_than_a_page_are_taken_whole(tmp_path: Path) -> None:
    """Time is halved down to a microsecond; what still shares it comes in one answer, nothing twice or never."""
    events = [event(number, eventTime="2026-05-01T10:00:00.123456Z") for number in range(1_300)]
    events += [
        event(2_000 + number, eventTime=f"2026-05-{number % 28 + 1:02}T10:00:00Z") for number in range(900)
    ]
    with marquez(events) as address:
        assert backfill(tmp_path / "home", address)["events"] == len(events)


def test_what_holds_no_event_is_kept_once(tmp_path: Path) -> None:
    """Also when it is taken over again."""
    events = [event(1), {**event(2), "run": {"runId": "x"}, "eventTime": "2026-05-01T10:00:00Z", "job": 3}]
    with marquez(events) as address:
        first = backfill(tmp_path / "home", address)
        again = backfill(tmp_path / "home", address)
    assert (first["refused"], again["refused"]) == (1, 0)
    assert len(rejected_of(tmp_path / "home")) == 1


def test_what_is_no_marquez_is_refused(tmp_path: Path) -> None:
    """With the next step."""
    with marquez([], failures=10**6) as address:
        done = headwater("backfill", address, "--home", str(tmp_path), "--json")
    assert (done.returncode, json.loads(done.stderr)["code"]) == (3, "SOURCE_UNAVAILABLE")
