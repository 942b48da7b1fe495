"""Are paths told over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import job_key_of, key_of
from tests.server import headwater

QUERY = """query($from: ID!, $to: ID!, $first: Int) { paths(from: $from, to: $to, first: $first) {
  paths { keys edges { source target jobs evidence validFrom validTo lastAt } }
  nodesOnAnyPath pathCountAtLeast pathCountExact completeness { complete truncatedBy guessedEdges } } }"""


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/paths", params=asked, timeout=30)


def test_every_surface_tells_the_same_paths(server: Server, position: str) -> None:
    """The keys in order, the edges between them, and how many paths there are."""
    ends = {"from": key_of("a"), "to": key_of("d")}
    body = get(server, **ends, at_least=position).json()
    assert list(body) == [
        "paths", "nodes_on_any_path", "path_count_at_least", "path_count_exact", "completeness",
    ]  # fmt: skip
    (path,) = body["paths"]
    assert path["keys"] == [key_of(name) for name in "abcd"]
    assert [edge["jobs"] for edge in path["edges"]] == [
        [job_key_of(name)] for name in ("load", "mart", "report")
    ]
    assert (body["path_count_at_least"], body["path_count_exact"]) == ("1", True)
    told = graphql(server, QUERY, None, **ends)["data"]["paths"]
    assert (told["paths"][0]["keys"], told["nodesOnAnyPath"]) == (path["keys"], body["nodes_on_any_path"])
    assert told["paths"][0]["edges"][0]["validFrom"] == path["edges"][0]["valid_from"]
    assert told["completeness"] == {"complete": True, "truncatedBy": [], "guessedEdges": 2}
    said = headwater("paths", key_of("a"), key_of("d"), "--json", "--server", server.url)
    assert (said.returncode, json.loads(said.stdout)["paths"]) == (0, body["paths"])
    shown = headwater("paths", key_of("a"), key_of("d"), "--server", server.url).stdout.splitlines()
    assert shown[0] == f"1. {key_of('a')}"
    assert shown[3] == f"   → {key_of('d')}  ~guess  by {job_key_of('report')}"
    assert shown[4] == "1 path, no more; 4 nodes on any path"


def test_no_path_is_an_answer(server: Server, position: str) -> None:
    """Against the arrows nothing leads: an empty list that is exact, and a sentence."""
    body = get(server, **{"from": key_of("d"), "to": key_of("a")}, at_least=position).json()
    assert (body["paths"], body["nodes_on_any_path"], body["path_count_at_least"]) == ([], [], "0")
    assert (body["path_count_exact"], body["completeness"]["complete"]) == (True, True)
    shown = headwater("paths", key_of("d"), key_of("a"), "--server", server.url)
    assert (shown.returncode, shown.stdout) == (0, "no path leads from the one to the other\n")


def test_columns_have_paths_too(server: Server, position: str) -> None:
    """At FIELD the edges say what was done to the data."""
    ends = {"from": f"{key_of('a')}#p", "to": f"{key_of('b')}#x"}
    (path,) = get(server, **ends, granularity="field", at_least=position).json()["paths"]
    assert (path["keys"], path["edges"][0]["types"]) == (list(ends.values()), ["DIRECT"])


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"from": key_of("a")}, 400, "BAD_INPUT"),
        ({"from": key_of("a"), "to": key_of("zz")}, 404, "NOT_FOUND"),
        ({"from": key_of("a"), "to": key_of("b"), "limit": "1001"}, 400, "LIMIT_EXCEEDED"),
        ({"from": key_of("a"), "to": key_of("b"), "limit": "x"}, 400, "BAD_INPUT"),
        ({"from": key_of("a"), "to": key_of("b"), "depth": "3"}, 400, "BAD_INPUT"),
        ({"from": key_of("a"), "to": key_of("b"), "granularity": "RUN"}, 400, "NOT_SUPPORTED"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A code, and what to do instead."""
    answer = get(server, **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
