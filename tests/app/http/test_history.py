"""Is a dataset's history told over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import hour, job_key_of, key_of, run_key_of
from tests.server import headwater

EDGES = """{ edges { source target job evidence lastAt earlier intervals { validFrom validTo openedBy closedBy } }
  changes { kind at other run } completeness { complete guessedEdges } pageInfo { hasNextPage } }"""
OF_DATASET = f"query($key: ID!) {{ node(key: $key) {{ ... on Dataset {{ history {EDGES} }} }} }}"
OF_EDGE = f"query($source: ID!, $target: ID!) {{ edgeHistory(source: $source, target: $target) {EDGES} }}"


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/history", params=asked, timeout=30)


def test_every_surface_tells_the_same_history(server: Server, position: str) -> None:
    """Changes, edges with their intervals, and the runs at their bounds."""
    body = get(server, key=key_of("c"), at_least=position).json()
    assert list(body) == ["dataset", "source", "changes", "edges", "completeness", "page_info"]
    (edge,) = body["edges"]
    assert (edge["source"], edge["job"], edge["evidence"]) == (key_of("b"), job_key_of("mart"), "PRODUCT")
    opened = {"valid_from": hour(4), "valid_to": None, "opened_by": [run_key_of("r2")], "closed_by": None}
    assert edge["intervals"] == [opened]
    told = graphql(server, OF_DATASET, None, key=key_of("c"))["data"]["node"]["history"]
    assert told["edges"][0]["intervals"] == [
        {"validFrom": hour(4), "validTo": None, "openedBy": [run_key_of("r2")], "closedBy": None}
    ]
    assert told["changes"] == [{"kind": "CREATED", "at": hour(3), "other": None, "run": None}]
    assert told["completeness"] == {"complete": True, "guessedEdges": 1}
    one = graphql(server, OF_EDGE, None, source=key_of("b"), target=key_of("c"))["data"]["edgeHistory"]
    assert one == told
    assert get(server, key=key_of("c"), source=key_of("b")).json()["edges"] == body["edges"]
    said = headwater("history", key_of("c"), "--json", "--server", server.url)
    assert (said.returncode, json.loads(said.stdout)) == (0, body)


def test_a_terminal_shows_it_in_lines(server: Server, position: str) -> None:
    """What happened to the name, then each edge with its intervals."""
    shown = headwater(
        "history", key_of("c"), "--at-least", position, "--server", server.url
    ).stdout.splitlines()
    assert shown == [
        key_of("c"),
        f"  {hour(3)}  created",
        "",
        f"from {key_of('b')}  by {job_key_of('mart')}  ~guess",
        f"  {hour(4)} → now  opened by {run_key_of('r2')}",
    ]
    nothing = headwater("history", key_of("a"), "--server", server.url).stdout.splitlines()
    assert nothing[-1] == "no data is known to have flowed into it"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "BAD_INPUT"),
        ({"key": job_key_of("mart")}, 400, "BAD_INPUT"),
        ({"key": key_of("zz")}, 404, "NOT_FOUND"),
        ({"key": key_of("c"), "source": key_of("zz")}, 404, "NOT_FOUND"),
        ({"key": key_of("c"), "limit": "1000000"}, 400, "LIMIT_EXCEEDED"),
        ({"key": key_of("c"), "depth": "3"}, 400, "BAD_INPUT"),
        ({"key": key_of("c"), "after": "x"}, 400, "BAD_INPUT"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A code, and what to do instead."""
    answer = get(server, **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
