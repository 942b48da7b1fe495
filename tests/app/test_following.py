"""Does `headwater serve` follow a Marquez, say how that goes, and keep its password to itself?"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from app.demo.scratch import free_port, serving, wait_ready
from bench import processes
from tests.ingest.sources.marquez.test_follow import event
from tests.postgres.following import until
from tests.postgres.marquez import PASSWORD, READER, MarquezDatabase
from tests.server import headwater


def series(url: str) -> dict[str, float]:
    """Give the series of the follower."""
    found = re.findall(r"^(headwater_follow_\w+) (\S+)$", httpx.get(f"{url}/metrics").text, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.mark.slow
def test_serve_follows_a_marquez(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Rows come into its graph; /readyz, status and metrics tell how it goes, also while Marquez's database is away."""
    with marquez_db.connect() as connection:
        marquez_db.insert(connection, event(0))
        marquez_db.insert(connection, {"broken": 1})
    env = {
        "HEADWATER_FOLLOW": marquez_db.server.url(marquez_db.name, READER, ""),
        "HEADWATER_MARQUEZ_PASSWORD": PASSWORD,
    }
    with serving(tmp_path / "home", env=env) as server:
        until(lambda: series(server.url).get("headwater_follow_rows_total") == 2)
        wait_ready(server)
        found = httpx.get(f"{server.url}/api/v1/graph/node", params={"key": "job:n:j0"}, timeout=30)
        assert found.status_code == 200
        until(lambda: httpx.get(f"{server.url}/readyz").json()["follow"]["state"] == "following")
        state = httpx.get(f"{server.url}/readyz").json()
        assert state["children"]["follower"]["state"] == "running"
        assert (state["follow"]["events"], state["follow"]["refused"], state["follow"]["up"]) == (1, 1, True)
        told = series(server.url)
        assert told["headwater_follow_up"] == 1
        assert told["headwater_follow_lag_seconds"] < 5
        assert told["headwater_follow_events_total"] == told["headwater_follow_refused_total"] == 1
        assert (
            httpx.get(f"{server.url}/api/v1/oddities", params={"kind": "rejected"}).json()["oddities"] != []
        )
        marquez_db.server.stop()
        try:
            until(lambda: series(server.url)["headwater_follow_up"] == 0)
            status = headwater("status", "--server", server.url)
            assert status.returncode == 0
            assert "SOURCE_UNAVAILABLE since" in status.stdout
        finally:
            marquez_db.server.start()
        until(lambda: series(server.url)["headwater_follow_up"] == 1)
        shown = (
            headwater("status", "--server", server.url, "--json").stdout
            + server.log
            + command_lines(server.process.pid)
        )
        assert PASSWORD not in shown
    with serving(tmp_path / "home") as server:
        assert "follow" not in httpx.get(f"{server.url}/readyz").json()
        assert series(server.url) == {}


def command_lines(leader: int) -> str:
    """Give the command lines of a process and all below it."""
    pids = [process.pid for process in processes.tree(leader)]
    return "".join(Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace") for pid in pids)


def test_an_address_that_cannot_be_followed_ends_the_start(tmp_path: Path) -> None:
    """Before anything is started, with the next step."""
    for address, step in (
        ("http://127.0.0.1:5000", "not over HTTP"),
        ("mysql://h/m", "marquez://headwater@"),
    ):
        done = headwater(
            "serve", "--home", str(tmp_path / "home"), "--port", str(free_port()), "--follow", address
        )
        assert done.returncode == 2
        assert step in " ".join(done.stderr.split())
