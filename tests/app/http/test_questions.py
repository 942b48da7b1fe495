"""Are questions answered over plain HTTP, by a real server?"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import post_story
from tests.arrows import key_of, run_key_of


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, path: str, **asked: Any) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/{path}", params=asked, timeout=30)


def test_a_walk_has_the_fields_of_the_contract(server: Server, position: str) -> None:
    """The same as in GraphQL, in snake_case; totals only when asked for."""
    answer = get(server, "graph/upstream", key=key_of("d"), at_least=position, limit=2)
    body = answer.json()
    assert (answer.status_code, answer.headers["X-Headwater-Position"]) == (200, position)
    assert list(body) == [
        "root", "nodes", "edges", "totals", "completeness", "page_info", "shapes", "consumers",
    ]  # fmt: skip
    assert [(row["depth"], row["node"]["key"]) for row in body["nodes"]] == [
        (1, key_of("c")),
        (2, key_of("b")),
    ]
    assert list(body["edges"][0]) == [
        "source",
        "target",
        "jobs",
        "evidence",
        "valid_from",
        "valid_to",
        "last_at",
        "types",
        "subtypes",
        "maskings",
        "through",
    ]
    assert (body["totals"], body["shapes"], body["edges"][0]["types"]) == (None, None, None)
    assert body["completeness"] == {
        "complete": True, "truncated_by": [], "hidden": 0, "guessed_edges": 2, "position": position,
    }  # fmt: skip
    after = body["page_info"]["end_cursor"]
    rest = get(server, "graph/upstream", key=key_of("d"), limit=2, after=after, totals="true").json()
    assert [row["node"]["key"] for row in rest["nodes"]] == [key_of("a")]
    assert rest["totals"]["nodes"] == 3


def test_columns_are_walked_when_asked_for(server: Server, position: str) -> None:
    """granularity=FIELD, in any case, gives fields, what was done to the data, and what shapes datasets."""
    field = f"{key_of('b')}#x"
    for granularity in ("FIELD", "field"):
        answer = get(server, "graph/upstream", key=field, granularity=granularity, at_least=position).json()
        assert (answer["root"]["kind"], answer["root"]["path"]) == ("FIELD", "x")
        assert [(row["depth"], row["node"]["key"]) for row in answer["nodes"]] == [(1, f"{key_of('a')}#p")]
        (edge,) = answer["edges"]
        assert (edge["evidence"], edge["types"], edge["subtypes"]) == ("COLUMN", ["DIRECT"], ["IDENTITY"])
        assert (edge["maskings"], answer["shapes"]) == ([False], [])
    missing = get(server, "graph/upstream", key=f"{key_of('b')}#xx", granularity="FIELD")
    assert (missing.status_code, missing.json()["near"][0]) == (404, field)


def test_time_and_names_are_read_as_meant(server: Server, position: str) -> None:
    """An offset's plus may arrive as a blank; namespace and name do for a key."""
    asked = {"namespace": "db", "name": "a", "at_least": position}
    assert (
        len(get(server, "graph/downstream", **asked, as_of="2026-05-01T05:30:00+02:00").json()["nodes"]) == 1
    )
    url = f"{server.url}/api/v1/graph/downstream?namespace=db&name=a&as_of=2026-05-01T05:30:00+02:00"
    assert len(httpx.get(url).json()["nodes"]) == 1
    assert get(server, "graph/node", namespace="jobs", name="load", kind="job").json()["kind"] == "JOB"


def test_a_node_comes_with_what_belongs_to_it(server: Server, position: str) -> None:
    """Only when details are asked for."""
    bare = get(server, "graph/node", key=key_of("b"), at_least=position).json()
    assert (bare["key"], bare["kind"], bare["position"]) == (key_of("b"), "OTHER", position)
    assert "fields" not in bare
    whole = get(server, "graph/node", key=key_of("b"), details="true").json()
    assert [field["path"] for field in whole["fields"]] == ["x", "y"]
    run = get(server, "graph/node", key=run_key_of("r1"), details="true").json()
    assert [act["dataset"] for act in run["outputs"]] == [key_of("b")]


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("graph/upstream", {"key": "dataset:db:zz"}, 404, "NOT_FOUND"),
        ("graph/upstream", {"key": "zz"}, 400, "BAD_KEY"),
        ("graph/upstream", {}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "as-of": "x"}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "as_of": "2026-05-01"}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "depth": "deep"}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "depth": -1}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "depth": "9" * 19}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "kinds": "PLANET"}, 400, "BAD_INPUT"),
        ("graph/upstream", {"key": "dataset:db:a", "limit": 10001}, 400, "LIMIT_EXCEEDED"),
        ("graph/upstream", {"key": "dataset:db:a", "at_least": "-1"}, 400, "BAD_INPUT"),
        ("graph/node", {"key": "dataset:db:a%00"}, 404, "NOT_FOUND"),
        ("graph/node", {"key": "dataset:db:a' RETURN 1 //"}, 404, "NOT_FOUND"),
        ("graph/sideways", {"key": "dataset:db:a"}, 404, "NO_SUCH_PATH"),
    ],
)
def test_failures_have_codes(
    server: Server, position: str, path: str, asked: dict[str, Any], *, status: int, code: str
) -> None:
    """Wrong use is 4xx with a code and a sentence, whatever was asked."""
    answer = get(server, path, **asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("graph/upstream", {"key": key_of("d")}),
        ("graph/upstream", {"key": key_of("d"), "granularity": "JOB"}),
        ("graph/rollup", {"key": key_of("d"), "direction": "upstream"}),
        ("graph/field_lineage", {"dataset": key_of("b")}),
        ("graph/diff", {"a": key_of("d"), "a_as_of": "2026-05-01T03:00:00Z"}),
    ],
)
def test_any_depth_may_be_asked_for(server: Server, position: str, path: str, asked: dict[str, str]) -> None:
    """A depth beyond all there is, and beyond every limit, is answered as one that is just deep enough."""
    answers = [
        get(server, path, **asked, at_least=position, depth=depth) for depth in (10, 10**9, 10**18 - 1)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    told = [answer.json() | dict.fromkeys(("compared_depth", "page_info")) for answer in answers]
    assert told[0] == told[1] == told[2]


def test_the_export_is_ordered_ndjson(server: Server, position: str) -> None:
    """One JSON object a line, by (type, key), and the position up to which it holds."""
    answer = get(server, "export", at_least=position)
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    assert answer.headers["X-Headwater-Position"] == position
    rows = [json.loads(line) for line in answer.text.splitlines()]
    order = [(row["type"], row.get("key", "")) for row in rows]
    assert order == sorted(order)
    assert {row["key"] for row in rows if row["type"] == "dataset"} == {key_of(name) for name in "abcd"}


def test_the_ways_in_are_listed(server: Server) -> None:
    """Whoever opens the address in a browser sees what to do; without scripts, from here alone."""
    page = httpx.get(server.url)
    assert page.status_code == 200
    read = re.sub(r"<[^>]+>", "", page.text)
    assert f"headwater ingest app/demo/estate.ndjson --server {server.url}" in read
    assert "<script" not in page.text
