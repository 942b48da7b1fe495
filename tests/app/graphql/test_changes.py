"""Are changes told over WebSocket and SSE, by a real server, with the manners of POST?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.demo.scratch import Server, start, stop, wait_ready
from tests.app.asked import post_story
from tests.app.graphql.test_manners import BrokenStore
from tests.app.http.serving import Served, serving
from tests.arrows import key_of

Json = dict[str, Any]
SOON_S = 20.0
PROTOCOL = Subprotocol("graphql-transport-ws")
CHANGES = """subscription($of: ID!, $direction: Direction! = DOWNSTREAM) {
  changes(of: $of, direction: $direction) {
    root added removed addedCount removedCount edgesChanged nodes edges position
    completeness { complete truncatedBy position } } }"""


def event(number: int, source: str, target: str) -> Json:
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-05-02T01:00:{number:02}Z",
        "run": {"runId": f"0198c3a8-0000-7000-8000-{number:012}"},
        "job": {"namespace": "jobs", "name": f"to {target}"},
        "inputs": [{"namespace": "db", "name": source}],
        "outputs": [{"namespace": "db", "name": target}],
    }


def post(url: str, one: Json) -> str:
    return str(httpx.post(f"{url}/api/v1/lineage", json=one, timeout=30).json()["position"])


class Talk:
    """One conversation over graphql-transport-ws, from its first message on."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, kind: str, **more: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **more}))

    def hear(self, timeout_s: float = SOON_S) -> Json:
        heard: Json = json.loads(self.socket.recv(timeout_s))
        return heard

    def ask(self, query: str, number: str = "1", **variables: Any) -> None:
        self.say("subscribe", id=number, payload={"query": query, "variables": variables})

    def change(self, timeout_s: float = SOON_S) -> Json:
        heard = self.hear(timeout_s)
        assert (heard["type"], heard["payload"].get("errors")) == ("next", None), heard
        told: Json = heard["payload"]["data"]["changes"]
        return told

    def closed(self) -> int:
        """Give the code that the other side closed with."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(SOON_S)
        assert self.socket.close_code is not None
        return self.socket.close_code


@contextmanager
def opened(url: str, headers: dict[str, str] | None = None) -> Iterator[Talk]:
    address = f"{url.replace('http', 'ws', 1)}/graphql"
    with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket:
        yield Talk(socket)


@contextmanager
def talking(url: str, headers: dict[str, str] | None = None, payload: Json | None = None) -> Iterator[Talk]:
    with opened(url, headers) as talk:
        talk.say("connection_init", **({} if payload is None else {"payload": payload}))
        assert talk.hear()["type"] == "connection_ack"
        yield talk


@contextmanager
def streaming(url: str, query: str, **variables: Any) -> Iterator[Iterator[tuple[str, str]]]:
    """Ask over SSE; gives the events as (name, data)."""
    body, headers = {"query": query, "variables": variables}, {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{url}/graphql", json=body, headers=headers, timeout=SOON_S) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events_of(answer.iter_lines())


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.startswith("event: "):
            yield line[7:], next(lines)[6:]


def served_now(url: str) -> float:
    text = httpx.get(f"{url}/metrics", timeout=10).text
    return float(
        next(line for line in text.splitlines() if line.startswith("headwater_subscriptions ")).split()[1]
    )


def until_none_is_served(url: str) -> None:
    ends_at = time.monotonic() + SOON_S
    while served_now(url):
        assert time.monotonic() < ends_at, "a subscription is still served"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def told(server: Server) -> Server:
    """A server with the story in its graph."""
    post_story(server)
    wait_ready(server)
    return server


def test_a_write_that_changes_the_set_is_told_and_another_is_not(told: Server) -> None:
    """Over both ways at once: first what is there, then what came, nothing in between."""
    with talking(told.url) as talk, streaming(told.url, CHANGES, of=key_of("a")) as stream:
        talk.ask(CHANGES, of=key_of("a"))
        first = talk.change()
        assert (first["root"], first["nodes"], first["edges"]) == (key_of("a"), 3, 3)
        assert (first["added"], first["removed"], first["edgesChanged"]) == ([], [], False)
        name, data = next(stream)
        assert (name, json.loads(data)["data"]["changes"]) == ("next", first)
        post(told.url, event(1, "elsewhere", "elsewhere too"))
        with pytest.raises(TimeoutError):
            talk.change(3)
        position = post(told.url, event(2, "d", "e"))
        second = talk.change()
        assert (second["added"], second["addedCount"], second["removed"]) == ([key_of("e")], 1, [])
        assert (second["edgesChanged"], second["nodes"], second["position"]) == (True, 4, position)
        assert second["completeness"] == {"complete": True, "truncatedBy": [], "position": position}
        assert json.loads(next(stream)[1])["data"]["changes"] == second
        talk.say("complete", id="1")
        assert served_now(told.url) <= 2
    until_none_is_served(told.url)


def test_a_subscription_waits_for_what_was_written(told: Server) -> None:
    """With a position in the handshake the first message includes it; one that is not reached is an error."""
    position = post(told.url, event(3, "new", "newer"))
    with talking(told.url, {"X-Headwater-At-Least": position}) as talk:
        talk.ask(CHANGES, of=key_of("newer"), direction="UPSTREAM")
        assert talk.change()["nodes"] == 1
    with talking(told.url, {"X-Headwater-At-Least": "soon"}) as talk:
        talk.ask(CHANGES, of=key_of("newer"))
        assert talk.hear()["payload"]["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_who_goes_away_without_a_word_is_forgotten(told: Server) -> None:
    """The socket or the stream is cut, and nothing is watched for it any more."""
    with talking(told.url) as talk:
        for number in range(5):
            talk.ask(CHANGES, f"{number}", of=key_of("abcda"[number]))
            talk.change()
        assert served_now(told.url) == 5
        talk.socket.socket.close()
        until_none_is_served(told.url)
    with streaming(told.url, CHANGES, of=key_of("a")) as stream:
        next(stream)
        assert served_now(told.url) == 1
    until_none_is_served(told.url)


def test_questions_can_be_asked_too(told: Server) -> None:
    """Each has a position and loaders of its own: what was written between two is in the second."""
    query = "query($key: ID!) { node(key: $key) { key } }"
    with talking(told.url) as talk:
        talk.ask(query, "1", key=key_of("later"))
        heard = talk.hear()
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert talk.hear() == {"id": "1", "type": "complete"}
        position = post(told.url, event(4, "early", "later"))
        wait_ready(told)
        talk.ask(query, "1", key=key_of("later"))
        payload = talk.hear()["payload"]
        assert payload["data"] == {"node": {"key": key_of("later")}}
        assert int(payload["extensions"]["position"]) >= int(position)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "BAD_QUERY"),
        ("subscription { nope }", "BAD_QUERY"),
        ("subscription { __typename }", "BAD_QUERY"),
        ('subscription { changes(of: "dataset:db:a") { root } }', "BAD_QUERY"),
        ('subscription { changes(of: "x", direction: UPSTREAM) { root } }', "BAD_KEY"),
        ('subscription { changes(of: "dataset:db:zz", direction: UPSTREAM) { root } }', "NOT_FOUND"),
        (
            'subscription { changes(of: "dataset:db:a", direction: UPSTREAM, granularity: RUN) { root } }',
            "NOT_SUPPORTED",
        ),
        (
            'subscription { changes(of: "dataset:db:a", direction: UPSTREAM, depth: -1) { root } }',
            "BAD_INPUT",
        ),
        ("subscription { changes(of: 1, direction: UPSTREAM) { " + " root" * 3000 + " } }", "LIMIT_EXCEEDED"),
        (
            "subscription { changes(of: 1, direction: UPSTREAM) { "
            + " ".join(f"a{n}: root" for n in range(40))
            + " } }",
            "LIMIT_EXCEEDED",
        ),
        ("query A { __typename } query B { __typename }", "BAD_QUERY"),
    ],
)
def test_failures_have_codes_on_both_ways(told: Server, query: str, code: str) -> None:
    """As over POST; the connection goes on."""
    with talking(told.url) as talk:
        talk.ask(query)
        heard = talk.hear()
        errors = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
        assert [error["extensions"]["code"] for error in errors] == [code], heard
        talk.ask("{ __typename }", "2")
        while (heard := talk.hear())["id"] != "2":
            assert heard["type"] == "complete"
        assert heard["payload"] == {"data": {"__typename": "Query"}}
    with streaming(told.url, query) as stream:
        name, data = next(stream)
        assert (name, json.loads(data)["errors"][0]["extensions"]["code"]) == ("next", code)
        assert next(stream) == ("complete", "")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without a graph, with auth on."""
    home = tmp_path_factory.mktemp("bare")
    with serving(home, api_keys=SecretStr("k1"), subscriptions_max=3) as running:
        yield running


def url_of(served: Served) -> str:
    return f"http://127.0.0.1:{served.port}"


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({"X-API-Key": "k1"}, None),
        ({"Authorization": "Bearer k1"}, {}),
        (None, {"X-API-Key": "k1"}),
        (None, {"authorization": "bearer k1"}),
    ],
)
def test_a_key_is_shown_in_the_handshake_or_in_the_first_message(
    bare: Served, headers: dict[str, str] | None, payload: Json | None
) -> None:
    """Whoever shows it is let in, and hears that there is no graph."""
    with talking(url_of(bare), headers, payload) as talk:
        talk.ask(CHANGES, of=key_of("a"))
        assert talk.hear()["payload"]["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"


@pytest.mark.parametrize(
    "payload",
    [None, {}, {"X-API-Key": "k2"}, {"Authorization": "k1"}, {"X-API-Key": ["k1"]}, {"x-api-key": ""}],
)
def test_without_a_key_nothing_is_answered(bare: Served, payload: Json | None) -> None:
    """4403 for what the first message shows; 4401 for a question before it."""
    with opened(url_of(bare)) as talk:
        talk.say("connection_init", **({} if payload is None else {"payload": payload}))
        assert talk.closed() == 4403
    with opened(url_of(bare)) as talk:
        talk.ask("{ __typename }")
        assert talk.closed() == 4401


def test_a_wrong_key_or_another_site_is_refused_before_it_is_opened(bare: Served) -> None:
    """A wrong key in a header is not forgiven by a right one later; browsers say where they come from."""
    for headers in ({"X-API-Key": "k2"}, {"X-API-Key": "k1", "Origin": "https://elsewhere.example"}):
        with pytest.raises(InvalidStatus) as refused, opened(url_of(bare), headers):
            pass
        assert refused.value.response.status_code == 403
    with talking(url_of(bare), {"X-API-Key": "k1", "Origin": url_of(bare)}):
        pass


def test_a_stream_needs_a_key_too(bare: Served) -> None:
    """As any POST."""
    headers = {"Accept": "text/event-stream"}
    answer = httpx.post(f"{url_of(bare)}/graphql", json={"query": CHANGES}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "message",
    [
        "{",
        "[]",
        "5",
        "[" * 100_000,
        '{"type": 5}',
        '{"type": "nope"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}',
        '{"type": "complete"}',
        b"\x00\xff",
    ],
)
def test_what_is_no_message_ends_the_conversation(bare: Served, message: str | bytes) -> None:
    """4400, and nothing is a failure of ours; the server goes on."""
    failures = bare.context.metrics.failures._value.get()
    with talking(url_of(bare), {"X-API-Key": "k1"}) as talk:
        talk.socket.send(message)
        assert talk.closed() == 4400
    assert bare.context.metrics.failures._value.get() == failures


def test_too_many_sockets_are_refused_with_a_time_to_come_back(bare: Served) -> None:
    """503 before the socket is opened; one that closes makes room."""
    key = {"X-API-Key": "k1"}
    with talking(url_of(bare), key), talking(url_of(bare), key), talking(url_of(bare), key):
        with pytest.raises(InvalidStatus) as refused, opened(url_of(bare), key):
            pass
        answer = refused.value.response
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert json.loads(answer.body or b"")["code"] == "TOO_MANY_SUBSCRIPTIONS"
    ends_at = time.monotonic() + SOON_S
    while True:
        try:
            with talking(url_of(bare), key):
                return
        except InvalidStatus:
            assert time.monotonic() < ends_at


def test_what_nobody_foresaw_is_masked(tmp_path: Path) -> None:
    """Its message says a request id and no more, and it is counted once on either way."""
    with serving(tmp_path / "home", store=BrokenStore()) as served:
        failures = served.context.metrics.failures._value
        with talking(url_of(served)) as talk:
            talk.ask(CHANGES, of=key_of("a"))
            (error,) = talk.hear()["payload"]["errors"]
            assert error["extensions"]["code"] == "INTERNAL"
            assert "secret" not in error["message"]
        assert failures.get() == 1
        with streaming(url_of(served), CHANGES, of=key_of("a")) as stream:
            assert "secret" not in next(stream)[1]
        assert failures.get() == 2


def test_a_subscription_by_plain_post_is_told_how_to_ask(bare: Served) -> None:
    """400 with both ways; and by GET nothing is asked, as a stream neither."""
    key = {"X-API-Key": "k1"}
    body = {"query": CHANGES, "variables": {"of": key_of("a")}}
    answer = httpx.post(f"{url_of(bare)}/graphql", json=body, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_QUERY")
    assert "text/event-stream" in answer.json()["message"]
    got = httpx.get(
        f"{url_of(bare)}/graphql", params={"query": CHANGES}, headers={**key, "Accept": "text/event-stream"}
    )
    assert (got.status_code, got.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.slow
def test_a_server_that_stops_ends_its_subscriptions_at_once(tmp_path: Path) -> None:
    """A stream ends with `complete`, a socket is closed; the stop does not wait for them. A base path is fine."""
    server = start(tmp_path / "home", env={"HEADWATER_BASE_PATH": "/lineage"})
    wait_ready(server)
    post_story(server)
    wait_ready(server)
    base = f"{server.url}/lineage"
    with talking(base) as talk, streaming(base, CHANGES, of=key_of("a")) as stream:
        talk.ask(CHANGES, of=key_of("a"))
        talk.change()
        next(stream)
        began = time.monotonic()
        stopping = threading.Thread(target=stop, args=(server,))
        stopping.start()
        assert next(stream) == ("complete", "")
        assert talk.closed() in {1001, 1012}
        stopping.join()
    assert time.monotonic() - began < 9, "it waited for those who listen"


def test_a_huge_message_ends_the_conversation(told: Server) -> None:
    """Over a mebibyte, as over POST."""
    with talking(told.url) as talk:
        talk.ask("{ __typename }" + " " * 1_100_000)
        assert talk.closed() == 1009
