"""Is everything of one run told: its events as they came, what it stated, and which runs are part of it?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql
from tests.arrows import hour, key_of, run_key_of, run_text, story
from tests.server import headwater

BIG = 123456789012345678901234567890
RUN = run_key_of("r1")
QUERY = """query($id: ID!) { run(id: $id) {
  events(first: 2) { nodes { position eventType eventTime suspect source body } pageInfo { hasNextPage } }
  schemas { dataset direction schema } code { sql sourceCode sourceCodeLocation }
  children(first: 1) { nodes { key } pageInfo { hasNextPage endCursor } } } }"""
CHILDREN = (
    """query($id: ID!, $after: String) { run(id: $id) { children(after: $after) { nodes { key } } } }"""
)


def posted() -> list[dict[str, Any]]:
    """A run of three events, with two runs inside it, and one that states another schema later."""
    lines = (
        "2 COMPLETE r1 load: a -> b | schema=b:x,y schema=a:p",
        "1 START r1 load: a -> b",
        "3 OTHER r1 load",
        "1 COMPLETE r2 part: -> | parent=r1/load",
        "1 COMPLETE r3 part: -> | parent=r1/load",
        "5 COMPLETE r4 load: a -> b | schema=b:z",
    )
    events = [event for event, _ in story(*lines)]
    job = events[0]["job"]["facets"]
    job["sql"] = {"query": "SELECT x, y FROM a"}
    job["sourceCodeLocation"] = {"type": "git", "url": "https://git.example/a"}
    events[0]["inputs"][0]["facets"]["dataSource"] = {"uri": "postgres://u:secret@db/a", "name": "a"}
    events[0]["run"]["facets"]["size"] = {"rows": BIG, "odd": "\ud800"}
    return events


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the events."""
    body = json.dumps(posted())
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", content=body, timeout=30)
    assert answer.json()["summary"]["failed"] == 0, answer.text
    return str(answer.json()["position"])


def get(server: Server, path: str, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/{path}", params=asked, timeout=30)


def test_events_come_as_they_came_by_time(server: Server, position: str) -> None:
    """Whole, in order of their times and not of their arrival; passwords in addresses are replaced, nothing else is."""
    answer = get(server, "run_events", key=RUN, at_least=position)
    body = json.loads(answer.text)
    assert list(body) == ["run", "events", "page_info", "position"]
    assert [(one["event_type"], one["event_time"]) for one in body["events"]] == [
        ("START", hour(1)),
        ("COMPLETE", hour(2)),
        ("OTHER", hour(3)),
    ]
    assert [one["position"] for one in body["events"]] == ["2", "1", "3"]
    sent = posted()[0]
    sent["inputs"][0]["facets"]["dataSource"]["uri"] = "postgres://u:***@db/a"
    assert body["events"][1]["body"] == sent
    told = graphql(server, QUERY, None, id=RUN)["data"]["run"]["events"]
    assert [(one["position"], one["suspect"]) for one in told["nodes"]] == [("2", False), ("1", False)]
    assert told["nodes"][0]["body"] == body["events"][0]["body"]
    assert told["pageInfo"] == {"hasNextPage": True}


def test_pages_go_on(server: Server, position: str) -> None:
    """Nothing twice, nothing left out; a cursor of another run is refused."""
    seen: list[str] = []
    after = None
    while True:
        asked = {
            "key": run_text("r1"),
            "limit": 1,
            "at_least": position,
            **({"after": after} if after else {}),
        }
        page = get(server, "run_events", **asked).json()
        seen += [one["position"] for one in page["events"]]
        after = page["page_info"]["end_cursor"]
        if not page["page_info"]["has_next_page"]:
            break
    assert seen == ["2", "1", "3"]
    other = get(server, "run_events", key=run_key_of("r4"), after=after)
    assert (other.status_code, other.json()["code"]) == (400, "BAD_INPUT")


def test_what_it_stated_is_kept_with_it(server: Server, position: str) -> None:
    """Its own schemas, though a later run stated others; its code; the runs that are part of it, page by page."""
    run = graphql(server, QUERY, {"X-Headwater-At-Least": position}, id=RUN)["data"]["run"]
    stated = [
        (one["dataset"], one["direction"], [field["name"] for field in one["schema"]["fields"]])
        for one in run["schemas"]
    ]
    assert stated == [(key_of("a"), "INPUT", ["p"]), (key_of("b"), "OUTPUT", ["x", "y"])]
    assert (run["code"]["sql"], run["code"]["sourceCode"]) == ("SELECT x, y FROM a", None)
    assert run["code"]["sourceCodeLocation"]["url"] == "https://git.example/a"
    first = run["children"]
    assert [one["key"] for one in first["nodes"]] == [run_key_of("r2")]
    rest = graphql(server, CHILDREN, None, id=RUN, after=first["pageInfo"]["endCursor"])["data"]["run"]
    assert [one["key"] for one in rest["children"]["nodes"]] == [run_key_of("r3")]
    details = get(server, "node", key=RUN, details="true").json()
    assert details["children"] == [run_key_of("r2"), run_key_of("r3")]
    assert details["code"]["sql"] == "SELECT x, y FROM a"
    assert [one["dataset"] for one in details["schemas"]] == [key_of("a"), key_of("b")]
    assert graphql(server, QUERY, None, id=run_key_of("r2"))["data"]["run"]["code"] is None


def test_a_terminal_lists_them(server: Server, position: str) -> None:
    """One line each."""
    asked = ("events", RUN, "--at-least", position, "--server", server.url)
    shown = headwater(*asked, "--limit", "2").stdout.splitlines()
    assert shown[0] == f"{hour(1)}  START  1 input  1 output  position 2, from http"
    assert shown[2].startswith("there is more: --after ")
    said = headwater(*asked, "--json")
    assert (said.returncode, len(json.loads(said.stdout)["events"])) == (0, 3)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "BAD_INPUT"),
        ({"key": key_of("a")}, 400, "BAD_INPUT"),
        ({"key": run_key_of("r99")}, 404, "NOT_FOUND"),
        ({"key": RUN, "limit": "-1"}, 400, "BAD_INPUT"),
        ({"key": RUN, "limit": "100000"}, 400, "LIMIT_EXCEEDED"),
        ({"key": RUN, "after": "x"}, 400, "BAD_INPUT"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A code, and what to do instead."""
    answer = get(server, "run_events", **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
