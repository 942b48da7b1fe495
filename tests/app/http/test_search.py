"""Is a search answered alike over plain HTTP and GraphQL, by a real server, whatever is searched for?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import job_key_of, key_of

SEARCH = """query($text: String!, $kinds: [NodeKind!], $first: Int, $after: String) {
  search(text: $text, kinds: $kinds, first: $first, after: $after) {
    nodes { key kind name ... on Dataset { live } } pageInfo { hasNextPage endCursor }
    completeness { complete truncatedBy hidden guessedEdges position } } }"""
ODD = (
    '"', "a AND OR NOT", "db:*", "name:a", "(((", "a^b~2", "[a TO z]", "{a TO *}", "\\", "a\\", "/.*/", "+a -b",
    "&& || !", "a\u0000b", "\U0001f600 a", "注文", "İ", "ﬀ", "\u202e\u0301a", "`; DROP DATABASE", "%", "a" * 1_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/search", params=asked, timeout=30)


def test_a_search_has_the_fields_of_the_contract(server: Server, position: str) -> None:
    """Nodes best first, the page, and how far it is the whole answer; headers as with every question."""
    answer = get(server, q="db", at_least=position, limit=3)
    body = answer.json()
    assert (answer.status_code, answer.headers["X-Headwater-Position"]) == (200, position)
    assert list(body) == ["nodes", "completeness", "page_info"]
    assert [node["key"] for node in body["nodes"]] == [key_of(name) for name in "abc"]
    assert body["completeness"] == {
        "complete": True, "truncated_by": [], "hidden": 0, "guessed_edges": 0, "position": position,
    }  # fmt: skip
    rest = get(server, q="db", limit=30, after=body["page_info"]["end_cursor"]).json()
    assert rest["nodes"][0]["key"] == key_of("d")
    assert rest["page_info"]["has_next_page"] is False
    found = get(server, q="X", kinds="field,job").json()["nodes"]
    assert [(node["key"], node["kind"]) for node in found] == [(f"{key_of('b')}#x", "FIELD")]


def test_graphql_finds_the_same(server: Server, position: str) -> None:
    """The same nodes, in camelCase; the cursor of one goes on in the other."""
    headers = {"X-Headwater-At-Least": position}
    for text in ("db", "mart jobs", "b", "jobs r"):
        plain = get(server, q=text, limit=2).json()
        said = graphql(server, SEARCH, headers, text=text, first=2)["data"]["search"]
        assert [node["key"] for node in said["nodes"]] == [node["key"] for node in plain["nodes"]]
        assert said["completeness"] == {
            "complete": True, "truncatedBy": [], "hidden": 0, "guessedEdges": 0, "position": position,
        }  # fmt: skip
        assert said["pageInfo"]["endCursor"] == plain["page_info"]["end_cursor"]
    jobs = graphql(server, SEARCH, text="re", kinds=["JOB"])["data"]["search"]
    assert [node["key"] for node in jobs["nodes"]] == [job_key_of("report")]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "BAD_INPUT"),
        ({"q": ""}, 400, "BAD_INPUT"),
        ({"q": " +-*?~"}, 400, "BAD_INPUT"),
        ({"q": "a" * 5_000}, 400, "LIMIT_EXCEEDED"),
        ({"q": "a " * 400}, 400, "LIMIT_EXCEEDED"),
        ({"q": "a", "limit": "-1"}, 400, "BAD_INPUT"),
        ({"q": "a", "limit": "9999999"}, 400, "LIMIT_EXCEEDED"),
        ({"q": "a", "limit": "x"}, 400, "BAD_INPUT"),
        ({"q": "a", "kinds": "TABLE,BALL"}, 400, "BAD_INPUT"),
        ({"q": "a", "after": "nonsense"}, 400, "BAD_INPUT"),
        ({"q": "a", "text": "a"}, 400, "BAD_INPUT"),
        ({"q": "a", "at_least": "99999999"}, 503, "NOT_CAUGHT_UP"),
    ],
)
def test_what_cannot_be_searched_for_is_a_typed_error(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """Never 500; the message says what to do."""
    answer = get(server, **asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code), position


def test_a_text_is_text(server: Server, position: str) -> None:
    """Nothing in it is syntax to any engine: an answer or a typed error, both ways."""
    for text in (*ODD, "x" * 1_000_000):
        told = graphql(server, SEARCH, text=text)
        codes = {error["extensions"]["code"] for error in told.get("errors", ())}
        assert codes <= {"BAD_INPUT", "LIMIT_EXCEEDED"}, (text[:50], position)
    for text in ODD:
        answer = get(server, q=text)
        assert answer.status_code in {200, 400}
        assert answer.status_code == 200 or answer.json()["code"] in {"BAD_INPUT", "LIMIT_EXCEEDED"}


def test_surrogates_and_cut_bytes_are_text_too(server: Server, position: str) -> None:
    """A lone surrogate as JSON escapes it, and bytes that are no UTF-8 in an address."""
    body = '{"query": "{ search(text: \\"\\\\ud800 b\\") { nodes { key } } }"}'
    escaped = '{"query": "query($t: String!) { search(text: $t) { nodes { key } } }", "variables": {"t": "\\ud800 b"}}'
    for sent in (body, escaped):
        answer = httpx.post(
            f"{server.url}/graphql", content=sent, headers={"content-type": "application/json"}, timeout=30
        )
        assert answer.status_code < 500, position
        assert "INTERNAL" not in answer.text
    cut = httpx.get(f"{server.url}/api/v1/graph/search?q=%ED%A0%80%FFb", timeout=30)
    assert cut.status_code == 200
