"""Do following, forwarding and comparing hold beside a real Marquez, as they do beside what one stored and answered?"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.demo.scratch import Server, serving
from tests.marquez.conftest import Marquez
from tests.marquez.renamed import SCENARIOS, events_of
from tests.needs import corpus
from tests.server import canonical_rows, export, headwater

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE_S = 300.0
CONNECTIONS = 8


def test_what_marquez_stored_is_followed(marquez: Marquez, tmp_path: Path) -> None:
    """A mixed stream over 8 connections into Marquez, the follower killed again and again: the same graph as posted directly."""
    token = uuid4().hex[:8]
    runs = [events_of(corpus(), scenario, f"{token}{scenario}") for scenario in SCENARIOS]
    posted = [event for events in runs for event in events]
    env = {"HEADWATER_FOLLOW": marquez.database}
    with serving(tmp_path / "follower", env=env) as follower:
        with ThreadPoolExecutor(CONNECTIONS) as posting:
            answers = [posting.submit(post, marquez.url, event) for event in posted]
            while not all(answer.done() for answer in answers):
                time.sleep(random.uniform(0.2, 2))
                kill_follower(follower)
        assert {answer.result() for answer in answers} == {201}
        wait_until(caught_up_since(follower, time.monotonic()))
        found = of_test(export(follower), token)
    with serving(tmp_path / "direct") as direct:
        ingest(direct, posted)
        assert found == of_test(export(direct), token)


def test_what_is_forwarded_arrives_and_agrees(marquez: Marquez, tmp_path: Path) -> None:
    """Each event once in Marquez's table, those of a run in order; and every difference between both is explained."""
    token = uuid4().hex[:8]
    posted = [
        event for scenario in SCENARIOS for event in events_of(corpus(), scenario, f"{token}{scenario}")
    ]
    with serving(tmp_path / "home", env={"HEADWATER_FORWARD": marquez.url}) as server:
        ingest(server, posted)
        wait_until(lambda: standing(server, "forward").get("waiting") == 0)
        told = standing(server, "forward")
        assert (told["forwarded"], told["refused"]) == (len(posted), 0)
        stored = rows(marquez, token)
        assert sorted(stored) == sorted(map(run_and_type, posted))
        for run in {run for run, _ in stored if run}:
            sent = [kind for one, kind in map(run_and_type, posted) if one == run]
            assert [kind for one, kind in stored if one == run] == sent
        done = headwater("compare", "marquez", "--url", marquez.url, "--server", server.url, "--json")
        assert done.returncode in {0, 1}, done.stderr
        compared = [one for one in json.loads(done.stdout)["differences"] if token in json.dumps(one)]
        assert compared
        assert [one for one in compared if one["cause"] == "unexplained"] == []


def test_an_event_that_went_both_ways_is_one(marquez: Marquez, tmp_path: Path) -> None:
    """Forwarding to the Marquez that is followed: what comes back is known, and nothing goes round."""
    token = uuid4().hex[:8]
    posted = events_of(corpus(), "dbt", token)
    env = {"HEADWATER_FORWARD": marquez.url, "HEADWATER_FOLLOW": marquez.database}
    with serving(tmp_path / "home", env=env) as server:
        ingest(server, posted)
        wait_until(lambda: standing(server, "forward").get("waiting") == 0)
        wait_until(caught_up_since(server, time.monotonic()))
        assert len(rows(marquez, token)) == len(posted)
        found = httpx.get(f"{server.url}/api/v1/graph/search", params={"q": token, "limit": 1}, timeout=60)
        assert found.status_code == 200
        time.sleep(3)
        assert len(rows(marquez, token)) == len(posted), "nothing goes round"


def post(url: str, event: Any) -> int:
    return httpx.post(f"{url}/api/v1/lineage", json=event, timeout=120).status_code


def ingest(server: Server, events: list[Any]) -> None:
    """Post events in one batch and wait until the graph holds them."""
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", json=events, timeout=120).json()
    assert answer["summary"]["failed"] == 0, answer
    wait_until(lambda: httpx.get(f"{server.url}/readyz", timeout=60).json()["lag"] == 0)


def kill_follower(server: Server) -> None:
    """Kill the child that follows, if it runs just now."""
    children = httpx.get(f"{server.url}/readyz", timeout=60).json().get("children", {})
    pid = children.get("follower", {}).get("pid")
    if pid:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def standing(server: Server, name: str) -> dict[str, Any]:
    """Say how the follower or forwarder is."""
    told: dict[str, Any] = httpx.get(f"{server.url}/readyz", timeout=60).json().get(name, {})
    return told


def caught_up_since(server: Server, moment: float) -> Callable[[], bool]:
    """Tell whether a look that began after a moment came through, and all it found is in the graph.

    A follower's word is up to a second old, so the look is asked to have begun two seconds after it.
    """

    def caught_up() -> bool:
        state = httpx.get(f"{server.url}/readyz", timeout=60).json()
        followed = state.get("follow", {})
        lag_s = followed.get("lag_s")
        return (
            state["lag"] == 0
            and followed.get("state") == "following"
            and lag_s is not None
            and lag_s < time.monotonic() - moment - 2
        )

    return caught_up


def rows(marquez: Marquez, token: str) -> list[tuple[str, str]]:
    """Read run and type of every row of a test, as they were stored."""
    import psycopg  # noqa: PLC0415 - only where a Marquez is

    query = "SELECT event FROM lineage_events WHERE event::text LIKE %s ORDER BY created_at"
    with psycopg.connect(marquez.database) as connection:
        return [run_and_type(row[0]) for row in connection.execute(query, (f"%{token}%",))]


def run_and_type(event: Any) -> tuple[str, str]:
    """Give an event's run and type, empty where it has none."""
    return (event.get("run") or {}).get("runId") or "", event.get("eventType") or ""


def of_test(exported: list[dict[str, Any]], token: str) -> set[str]:
    """Keep the rows of one test: others write into this Marquez too.

    Which event a facet is of is told by the hash of what came, and Marquez rewrites `nominalTime` (docs/marquez.md).
    """
    told = [row | {"event": None} if row["type"] == "facet" else row for row in exported]
    return {row for row in canonical_rows(told) if token in row}


def wait_until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not so():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.5)
