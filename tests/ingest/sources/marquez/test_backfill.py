"""Is a Marquez's history taken over by the command, and does it say what stands in its way?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg import sql

from app.demo.scratch import COMMAND, free_port, serving, wait_ready
from tests.ingest.sources.marquez.test_follow import event, numbers
from tests.postgres.following import until
from tests.postgres.marquez import PASSWORD, READER, MarquezDatabase
from tests.server import headwater

PEAK_OF = """
import os, subprocess, sys
_, status, usage = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command and prints its peak memory in KiB. From a small process: a child's peak begins with its parent's."""


def fill(database: MarquezDatabase, count: int, *, size: int = 3_000) -> None:
    """Write rows of some size, a second apart, in the past."""
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO lineage_events (event_time, event, created_at) SELECT now(), jsonb_set(jsonb_set(%s::jsonb, "
            "'{run,runId}', to_jsonb('0190a0a0-0000-7000-8000-' || lpad(n::text, 12, '0'))), '{run,facets}', "
            "jsonb_build_object('x', jsonb_build_object('text', repeat(md5(n::text), %s)))), "
            "now() - interval '90 days' + n * interval '1 second' FROM generate_series(0, %s) n",
            [json.dumps(event(0)), size // 32, count - 1],
        )


def run(home: Path, address: str, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
    return headwater("backfill", address, "--home", str(home), *more, env=env)


def test_the_whole_history_is_taken_over(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Once, with what came of it; again, there is nothing new; from the beginning, nothing is doubled."""
    fill(marquez_db, 1_200)
    home, address = tmp_path / "home", marquez_db.server.url(marquez_db.name, READER, "")
    done = run(home, address, "--once", "--json", HEADWATER_MARQUEZ_PASSWORD=PASSWORD)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["rows"], answer["events"], answer["duplicates"], answer["refused"]) == (1_200, 1_200, 0, 0)
    assert answer["bytes"] > 1_200 * 3_000
    assert (answer["address"], answer["limits"]) == (address, [])
    assert numbers(home) == list(range(1_200))
    again = run(home, address, "--once", PGPASSWORD=PASSWORD)
    assert again.returncode == 0
    assert again.stdout.split()[6:10] == ["0", "0", "0", "0"]
    anew = json.loads(run(home, address, "--once", "--anew", "--json", PGPASSWORD=PASSWORD).stdout)
    assert (anew["rows"], anew["events"], anew["duplicates"]) == (1_200, 0, 1_200)
    assert PASSWORD not in done.stdout + again.stdout


@pytest.mark.slow
def test_it_goes_on_following_until_stopped(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Beside a server on the same home, which puts into its graph what comes; killed, it goes on where it was."""
    fill(marquez_db, 3_000)
    home = tmp_path / "home"
    command = [COMMAND, "backfill", marquez_db.address, "--home", str(home), "--json"]
    with serving(home) as server:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as killed:
            until(lambda: len(numbers(home)) >= 500)
            killed.kill()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            until(lambda: len(numbers(home)) == 3_000)
            with marquez_db.connect() as connection:
                marquez_db.insert(connection, event(5_000))
            until(lambda: 5_000 in numbers(home))
            status = headwater("status", "--server", server.url)
            assert "follow: following since" in status.stdout, status.stdout
            process.send_signal(signal.SIGINT)
            said, told = process.communicate(timeout=30)
        assert (process.returncode, told) == (0, "")
        assert json.loads(said)["rows"] <= 3_001
        wait_ready(server)
        answer = httpx.get(f"{server.url}/api/v1/graph/node", params={"key": "job:n:j0"}, timeout=30)
        assert answer.status_code == 200
        assert "follow" not in httpx.get(f"{server.url}/readyz").json()
    assert sorted(numbers(home)) == [*range(3_000), 5_000]


def refused(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout == ""
    found: dict[str, Any] = json.loads(done.stderr)
    assert PASSWORD not in done.stderr
    return found


def test_what_stands_in_the_way_is_told(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """Wrong password, user, database, table, right, address, word: a code, the next step, and the exit code."""
    server, name, home = marquez_db.server, marquez_db.name, tmp_path / "home"
    with server.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"{name}_empty")))
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute(f"CREATE ROLE stranger LOGIN PASSWORD '{PASSWORD}'")
    cases = {
        server.url(name, READER, "wrong"): ("SOURCE_REFUSED", 2, "HEADWATER_MARQUEZ_PASSWORD"),
        server.url(name, READER, ""): ("SOURCE_REFUSED", 2, "HEADWATER_MARQUEZ_PASSWORD"),
        server.url(name, "nobody", PASSWORD): ("SOURCE_REFUSED", 2, "HEADWATER_MARQUEZ_PASSWORD"),
        server.url("elsewhere", READER, PASSWORD): ("SOURCE_REFUSED", 2, "name Marquez's database"),
        server.url(f"{name}_empty", READER, PASSWORD): ("SOURCE_REFUSED", 2, "no table lineage_events"),
        server.url(name, "stranger", PASSWORD): ("SOURCE_REFUSED", 2, "GRANT SELECT ON lineage_events"),
        f"marquez://{READER}@127.0.0.1:{free_port()}/{name}": ("SOURCE_UNAVAILABLE", 3, "tried again"),
        f"marquez://{READER}@no-such-host.invalid/{name}": ("SOURCE_UNAVAILABLE", 3, "tried again"),
        server.url(name, READER, PASSWORD, sslmode="require"): ("SOURCE_UNAVAILABLE", 3, "SSL"),
        "mysql://h/m": ("BAD_INPUT", 2, "marquez://headwater@"),
        f"http://127.0.0.1:{free_port()}": ("SOURCE_UNAVAILABLE", 3, "start Marquez"),
    }
    for address, (code, exit_code, step) in cases.items():
        done = run(home, address, "--once", "--json")
        found = refused(done)
        assert (found["code"], done.returncode) == (code, exit_code), found
        assert step in found["message"], found


@pytest.mark.slow
def test_large_events_take_little_memory(marquez_db: MarquezDatabase, tmp_path: Path) -> None:
    """A history of 600 MB in events of 3 MB is taken over in bounded memory."""
    fill(marquez_db, 200, size=3_000_000)
    command = [COMMAND, "backfill", marquez_db.address, "--home", str(tmp_path / "home"), "--once", "--json"]
    done = subprocess.run([sys.executable, "-c", PEAK_OF, *command], capture_output=True, check=True)
    said, peak_kb = done.stdout.splitlines()
    assert json.loads(said)["rows"] == 200
    assert int(peak_kb) < 300 * 1024
