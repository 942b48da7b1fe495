"""Is a rolled-up walk told over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import job_key_of, key_of
from tests.server import headwater

QUERY = """query($of: ID!, $by: Grouping, $hide: [NodeKind!], $free: [NodeKind!], $what: Granularity, $depth: Int) {
  rollup(of: $of, direction: DOWNSTREAM, groupBy: $by, hideKinds: $hide, ignoreAsHops: $free, granularity: $what,
    depth: $depth) {
    root { key } groups { key namespace name depth nodes inside byKind { kind count } node { key } }
    edges { source target edges guesses via } totals { groups nodes edges }
    completeness { complete truncatedBy guessedEdges } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: str) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/rollup", params=asked, timeout=30)


def test_every_surface_tells_the_same_groups(server: Server, position: str) -> None:
    """Groups with their members, and the edges within counted: the story lies in one namespace."""
    asked = {"key": key_of("a"), "direction": "downstream", "group_by": "namespace", "at_least": position}
    body = get(server, **asked).json()
    assert list(body) == ["root", "groups", "edges", "totals", "completeness", "page_info"]
    (group,) = body["groups"]
    assert (group["key"], group["name"], group["nodes"], group["inside"]) == ("namespace:db", "db", 4, 3)
    assert body["totals"] == {"groups": 1, "nodes": 4, "edges": 3}
    told = graphql(server, QUERY, None, of=key_of("a"), by="NAMESPACE")["data"]["rollup"]
    assert told["groups"] == [
        {
            "key": "namespace:db", "namespace": "db", "name": "db", "depth": 0, "nodes": 4, "inside": 3,
            "byKind": [{"kind": "OTHER", "count": 4}], "node": None,
        }
    ]  # fmt: skip
    said = headwater("rollup", key_of("a"), "--by", "NAMESPACE", "--json", "--server", server.url)
    assert json.loads(said.stdout)["groups"] == body["groups"]
    lines = headwater("rollup", key_of("a"), "--by", "NAMESPACE", "--server", server.url).stdout.splitlines()
    assert lines[1].split() == ["0", "4", "3", "namespace:db"]
    assert lines[-1] == "in all 1 group of 4 nodes and 3 edges"


def test_jobs_may_be_hidden_or_be_no_hops(server: Server, position: str) -> None:
    """Hidden jobs join the datasets they connect; jobs that are no hops are shown and cost no depth."""
    asked: dict[str, Any] = {"of": key_of("a"), "what": "JOB", "depth": 1, "free": ["JOB"]}
    shown = graphql(server, QUERY, None, **asked)["data"]["rollup"]
    rows = [(0, key_of("a")), (1, key_of("b")), (1, job_key_of("load"))]
    assert [(group["depth"], group["key"]) for group in shown["groups"]] == rows
    hidden = graphql(server, QUERY, None, **asked, hide=["JOB"])["data"]["rollup"]
    assert hidden["edges"] == [
        {"source": key_of("a"), "target": key_of("b"), "edges": 1, "guesses": 0, "via": 1}
    ]
    command = ("rollup", key_of("a"), "--granularity", "JOB", "--hide", "JOB", "--limit", "2")
    lines = headwater(*command, "--server", server.url, env={"COLUMNS": "80"}).stdout.splitlines()
    assert lines[3] == f"  {key_of('a')} → {key_of('b')}  1 edge, 1 through what is hidden"
    after = lines[-1].split("--after ")[1]
    asked = {"key": key_of("a"), "direction": "downstream", "granularity": "JOB", "hide_kinds": "JOB"}
    rest = get(server, **asked, after=after).json()
    assert [group["key"] for group in rest["groups"]] == [key_of("c"), key_of("d")]
    up = get(server, key=key_of("d"), direction="upstream", ignore_as_hops="OTHER", depth="1").json()
    assert [group["key"] for group in up["groups"]] == [key_of(name) for name in "dabc"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"key": key_of("a")}, 400, "BAD_INPUT"),
        ({"key": key_of("a"), "direction": "around"}, 400, "BAD_INPUT"),
        ({"key": key_of("zz"), "direction": "upstream"}, 404, "NOT_FOUND"),
        ({"key": key_of("a"), "direction": "upstream", "group_by": "colour"}, 400, "BAD_INPUT"),
        ({"key": key_of("a"), "direction": "upstream", "group_by": "PARENT_JOB"}, 400, "BAD_INPUT"),
        ({"key": key_of("a"), "direction": "upstream", "hide_kinds": "CATS"}, 400, "BAD_INPUT"),
        ({"key": key_of("a"), "direction": "upstream", "granularity": "FIELD"}, 400, "NOT_SUPPORTED"),
        ({"key": key_of("a"), "direction": "upstream", "limit": "10001"}, 400, "LIMIT_EXCEEDED"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A code, and what to do instead."""
    answer = get(server, **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
