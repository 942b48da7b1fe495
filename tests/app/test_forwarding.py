"""Does a server in front of a Marquez send on what it accepts, and say how that goes?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server, serving
from tests.ingest.forward.receiver import Receiver, Reply, receiving
from tests.ingest.forward.told import by_run, runs, until
from tests.server import headwater

Json = dict[str, Any]
BODIES = runs(20)
REFUSED = BODIES[7]
ANSWER = b'{"errors":["run.facets.parent.run.runId must not be null"]}'


class Switch:
    """What the receiver does now."""

    def __init__(self) -> None:
        self.reply: Reply | None = None

    def __call__(self, body: bytes) -> Reply:
        if self.reply is not None:
            return self.reply
        return Reply(422, ANSWER, "application/json") if body == REFUSED else Reply()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Receiver, Switch]]:
    """A server with a receiver behind it."""
    switch = Switch()
    env = {"HEADWATER_FORWARD_PAUSE_MAX_S": "0.5", "HEADWATER_FORWARD_API_KEY": "secret-1"}
    with receiving(switch) as receiver:
        home = tmp_path_factory.mktemp("front") / "home"
        with serving(home, "--forward", receiver.url, env=env) as running:
            yield running, receiver, switch


def post(server: Server, bodies: list[bytes]) -> float:
    """Post events one by one; gives the longest time one took."""
    longest = 0.0
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for body in bodies:
            began = time.monotonic()
            assert client.post("/api/v1/lineage", content=body).status_code == 201
            longest = max(longest, time.monotonic() - began)
    return longest


def forward(server: Server) -> Json:
    """What /readyz says of the forwarder."""
    found: Json = httpx.get(f"{server.url}/readyz", timeout=30).json().get("forward", {})
    return found


def series(server: Server) -> dict[str, float]:
    """The forwarder's numbers at /metrics."""
    lines = httpx.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("headwater_forward")}


def test_a_server_in_front(front: tuple[Server, Receiver, Switch]) -> None:
    """While the receiver hangs events are taken at once; when it is back all arrive, and every surface says how it goes."""
    server, receiver, switch = front
    switch.reply = Reply(503, hang_s=0.2)
    post(server, BODIES[:-1])
    until(lambda: forward(server).get("error", {}).get("code") == "RECEIVER_BUSY", "the outage is told")
    found = forward(server)
    assert (found["state"], found["up"], found["address"]) == ("away", False, receiver.url)
    told = headwater("status", "--server", server.url).stdout
    assert "forward: away since" in told
    assert "RECEIVER_BUSY" in told
    assert series(server)["headwater_forward_up"] == 0.0
    assert series(server)["headwater_forward_lag_events"] == len(BODIES) - 1
    assert series(server)["headwater_forward_retries_total"] > 0

    switch.reply = None
    post(server, BODIES[-1:])
    until(lambda: forward(server).get("waiting") == 0, "all is forwarded")
    good = [body for body in BODIES if body != REFUSED]
    assert by_run(receiver.taken) == by_run(good)
    until(lambda: series(server)["headwater_forward_up"] == 1.0, "it is told that it goes on")
    now = series(server)
    assert (now["headwater_forward_sent_total"], now["headwater_forward_refused_total"]) == (len(good), 1.0)
    assert now["headwater_forward_lag_events"] == 0.0
    assert f"{len(good)} forwarded" in headwater("status", "--server", server.url).stdout
    assert set(httpx.get(f"{server.url}/readyz", timeout=30).json()["children"]) == {
        "engine", "projector", "forwarder",
    }  # fmt: skip
    assert "secret-1" not in server.log
    assert set(receiver.keys) == {"Bearer secret-1"}


def test_what_was_refused_is_an_oddity_and_can_be_sent_again(front: tuple[Server, Receiver, Switch]) -> None:
    """With position, job, status and the receiver's answer, over REST and on the command line; `retry` sends it again."""
    server, receiver, switch = front
    answer = httpx.get(f"{server.url}/api/v1/oddities", params={"kind": "forward_refused"}, timeout=30).json()
    [row] = answer["oddities"]
    assert (row["status"], row["reason"], row["answer"]) == (422, "refused", ANSWER.decode())
    assert row["job"] == "job:jobs:job7"
    listed = headwater("oddities", "forward_refused", "--server", server.url).stdout
    assert "status=422" in listed
    assert "must not be null" in listed

    unknown = headwater("forward", "retry", "999", "--home", str(server.home))
    assert (unknown.returncode, "999" in unknown.stderr) == (2, True)
    switch.reply = Reply()
    again = headwater("forward", "retry", row["position"], "--home", str(server.home))
    assert (again.returncode, again.stdout) == (0, "1 event will be sent again\n")
    until(lambda: receiver.taken.count(REFUSED) == 1, "it is sent again")

    def rows() -> list[Json]:
        asked = {"kind": "forward_refused"}
        found: list[Json] = httpx.get(f"{server.url}/api/v1/oddities", params=asked, timeout=30).json()[
            "oddities"
        ]
        return found

    until(lambda: rows() == [], "it is listed no more")
    switch.reply = None


def test_what_holds_others_up_can_be_passed_by(front: tuple[Server, Receiver, Switch]) -> None:
    """`skip` of an event that is tried again and again: it is listed, and the next of its run goes on."""
    server, receiver, switch = front
    switch.reply = Reply(500)
    first, second = (body.replace(b'"job7"', b'"other"') for body in BODIES[7:28:20])
    post(server, [first, second])
    until(lambda: forward(server).get("waiting") == 2, "both wait")
    position = int(httpx.get(f"{server.url}/readyz", timeout=30).json()["journal_end"]) - 1
    until(lambda: not forward(server)["up"], "it is away")
    passed = headwater("forward", "skip", str(position), "--home", str(server.home), "--json")
    assert json.loads(passed.stdout) == {"skip": str(position)}
    until(lambda: forward(server).get("waiting") == 1, "it is passed by")
    switch.reply = None
    until(lambda: forward(server).get("waiting") == 0, "the next goes on")
    assert second in receiver.taken
    assert first not in receiver.taken
    behind = headwater("forward", "skip", str(position), "--home", str(server.home))
    assert behind.returncode == 2


@pytest.mark.parametrize("url", ["marquez:5000", "ftp://marquez", "http://", "http://m:5000/?a=1"])
def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path, url: str) -> None:
    """Before anything is started, with exit code 2."""
    ended = headwater("serve", "--home", str(tmp_path / "home"), "--port", "0", "--forward", url)
    assert (ended.returncode, "http://HOST:PORT" in ended.stderr) == (2, True)
    assert not (tmp_path / "home").exists()


def test_orders_need_a_home_that_forwards(tmp_path: Path) -> None:
    """`retry`, `skip` and `run` say what is missing, with exit code 2."""
    for words in (["retry"], ["skip", "3"], ["run"], ["run", "--to", "http://127.0.0.1:1"]):
        ended = headwater("forward", *words, "--home", str(tmp_path))
        assert ended.returncode == 2, words
        assert "Traceback" not in ended.stderr
