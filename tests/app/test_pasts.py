"""Is what is asked with known_at what the server said then, and is nothing left of it afterwards?"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, kill_group, serving, start, stop, wait_ready
from ingest.journal import Journal, Record
from tests.app.asked import STORY, graphql
from tests.arrows import job_key_of, key_of, story
from tests.laws.kept import records_of
from tests.server import headwater

Json = dict[str, Any]
EVENTS = [event for event, _ in story(*STORY)]
NESTED = """query($key: ID!) { dataset(namespace: "db", name: "b") { fields { path }
  producers { nodes { job { key runs { nodes { key state } } } current } } }
  downstream(of: $key) { nodes { node { key ... on Dataset { lastWrittenAt } } } edges { source target validTo } } }"""
ARGUED = """query($key: ID!, $first: String, $second: String) {
  downstream(of: $key, knownAt: $first) { nodes { node { key ... on Dataset { fields { path } } } } }
  node(key: $key, knownAt: $second) { key } }"""
WAIT_S = 60.0
PATIENT = {"HEADWATER_PASTS_TIMEOUT_S": str(WAIT_S)}
"""On a slow machine an engine takes a while to start."""


def post(server: Server, event: Json) -> str:
    answer = httpx.post(f"{server.url}/api/v1/lineage", json=event, timeout=30)
    return str(answer.json()["position"])


def asked(server: Server, **when: str) -> dict[str, Any]:
    """Everything that can be asked about the story, REST and GraphQL; answers that failed too."""
    told: dict[str, Any] = {}
    with httpx.Client(base_url=server.url, timeout=90) as client:
        for name, path, more in (
            ("up", "upstream", {"key": key_of("d")}),
            ("down", "downstream", {"key": key_of("a"), "totals": "true"}),
            ("jobs", "downstream", {"key": job_key_of("load"), "granularity": "JOB"}),
            ("then", "downstream", {"key": key_of("a"), "as_of": "2026-05-01T03:00:00Z"}),
            ("paths", "paths", {"from": key_of("a"), "to": key_of("c")}),
            ("node", "node", {"key": key_of("b"), "details": "true"}),
            ("run", "node", {"key": job_key_of("mart"), "details": "true"}),
            ("columns", "field_lineage", {"dataset": key_of("b")}),
            ("groups", "rollup", {"key": key_of("a"), "direction": "downstream"}),
            ("search", "search", {"q": "mart"}),
        ):
            told[name] = client.get(f"/api/v1/graph/{path}", params={**more, **when}).json()
        body = {"query": NESTED, "variables": {"key": key_of("a")}}
        told["graphql"] = client.post("/graphql", params=when, json=body).json()
    return told


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the story, that waits for no past and keeps one for two seconds."""
    env = {
        "HEADWATER_PASTS_TIMEOUT_S": "0.05", "HEADWATER_PASTS_KEEP_S": "2", "HEADWATER_PASTS_MAX": "1",
    }  # fmt: skip
    with serving(tmp_path_factory.mktemp("pasts") / "home", env=env) as server:
        for event in EVENTS:
            post(server, event)
        wait_ready(server)
        yield server


@pytest.mark.slow
def test_what_was_known_is_what_was_answered(tmp_path: Path) -> None:
    """The law of known_at: at each position, asked again later, every surface gives the same answers as then."""
    with serving(tmp_path / "home", env=PATIENT) as server:
        then: dict[str, dict[str, Any]] = {}
        for event in EVENTS:
            position = post(server, event)
            then[position] = asked(server, at_least=position)
        for position, told in then.items():
            again = asked(server, known_at=position)
            assert {name: again[name] for name in told if again[name] != told[name]} == {}, position
        assert len({json.dumps(told) for told in then.values()}) == len(EVENTS)
        received = Journal.open(server.home / "journal.sqlite", read_only=True)
        with closing(received) as journal:
            at = journal.received_at(2)
        assert at is not None
        assert asked(server, known_at=at)["down"] == then["2"]["down"]
        said = graphql(server, ARGUED, None, key=key_of("a"), first="2", second="2")["data"]
        assert [row["node"]["key"] for row in said["downstream"]["nodes"]] == [key_of("b")]
        (error,) = graphql(server, ARGUED, None, key=key_of("a"), first="2", second="3")["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["node"], "BAD_INPUT")
        command = ("downstream", key_of("a"), "--json", "--known-at", "2", "--server", server.url)
        assert json.loads(headwater(*command).stdout)["nodes"] == then["2"]["down"]["nodes"]
    assert not (server.home / "pasts").exists()


@pytest.mark.slow
def test_what_was_refused_or_set_aside_counts_for_nothing(tmp_path: Path) -> None:
    """A past obeys the journal as a rebuild does: also what was set aside only later is left out."""
    home = tmp_path / "home"
    home.mkdir()
    at = "2026-11-20T10:00:00.000000Z"

    first, bad, last = records_of((event, False) for event in (EVENTS[1], EVENTS[3], EVENTS[5]))
    assert bad.digest is not None
    with closing(Journal.open(home / "journal.sqlite")) as journal:
        refused = Record(
            "rejected", b"x", None, suspect=False, received_at=at, source="http", reason="no JSON"
        )
        aside = Record(
            "set-aside", bad.digest, bad.digest, suspect=False, received_at=at, source="p", reason="r"
        )
        journal.append([first, refused, bad, last, aside])
    with serving(home, env=PATIENT) as server:
        for position in ("3", "4"):
            told = asked(server, known_at=position)
            assert [row["node"]["name"] for row in told["down"]["nodes"]] == ["b"]
            assert told["up"].get("code") == (None if position == "4" else "NOT_FOUND")


@pytest.mark.slow
def test_a_past_is_prepared_in_sight_of_all_and_goes_by_itself(quick: Server) -> None:
    """While it is made: 503 PREPARING, how far it is, and room for no other; then an answer; later nothing is left."""
    url = f"{quick.url}/api/v1/graph/downstream"

    def ask(position: str) -> httpx.Response:
        return httpx.get(url, params={"key": key_of("a"), "known_at": position}, timeout=30)

    first = ask("3")
    assert (first.status_code, first.json()["code"], first.headers["Retry-After"]) == (503, "PREPARING", "2")
    assert (first.json()["position"], first.json()["ready"]) == ("3", False)
    other = ask("4")
    assert (other.status_code, other.json()["position"]) == (503, "3")
    body = {"query": NESTED, "variables": {"key": key_of("a")}}
    errors = httpx.post(f"{quick.url}/graphql?known_at=3", json=body, timeout=30).json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"PREPARING"}
    until(lambda: ask("3").status_code == 200)
    assert httpx.get(f"{quick.url}/readyz").json()["pasts"] == [{"position": "3", "ready": True}]
    # A command waits by itself; and there is room for one alone, so that the other gives way.
    done = headwater("downstream", key_of("a"), "--known-at", "4", "--json", "--server", quick.url)
    assert (done.returncode, json.loads(done.stdout)["completeness"]["position"]) == (0, "4")
    assert [one["position"] for one in httpx.get(f"{quick.url}/readyz").json()["pasts"]] == ["4"]
    until(lambda: not (quick.home / "pasts").exists())
    assert "pasts" not in httpx.get(f"{quick.url}/readyz").json()


@pytest.mark.slow
def test_what_a_killed_server_left_is_swept_away(tmp_path: Path) -> None:
    """After kill -9 the next server finds the old folder, and takes it away; its engine has ended too."""
    home = tmp_path / "home"
    server = start(home, env=PATIENT)
    try:
        wait_ready(server)
        post(server, EVENTS[1])
        wait_ready(server)
        answer = httpx.get(
            f"{server.url}/api/v1/graph/node", params={"key": key_of("a"), "known_at": "1"}, timeout=90
        )
        assert answer.status_code == 200
        (engine,) = (home / "pasts").glob("*/engine.pid")
        process = int(engine.read_text())
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        with serving(home):
            assert not (home / "pasts").exists() or not list((home / "pasts").iterdir())
            with pytest.raises(ProcessLookupError):
                os.kill(process, 0)
    finally:
        stop(server)
        kill_group(server)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "says"),
    [
        ({"known_at": "99"}, "ends at position 6"),
        ({"known_at": "yesterday"}, "2026-05-01T00:00:00Z"),
        ({"known_at": "1" * 40}, "position"),
        ({"known_at": "2", "at_least": "5"}, "cannot include"),
    ],
)
def test_no_past_is_made_of_nonsense(quick: Server, when: dict[str, str], says: str) -> None:
    """BAD_INPUT, and what to do instead, without anything being started."""
    answer = httpx.get(
        f"{quick.url}/api/v1/graph/node", params={"key": key_of("a"), **when}, timeout=30
    ).json()
    assert (answer["code"], says in answer["message"]) == ("BAD_INPUT", True)
    refused = httpx.get(f"{quick.url}/api/v1/export", params={"known_at": "2"}, timeout=30)
    assert refused.json()["code"] == "BAD_INPUT"
