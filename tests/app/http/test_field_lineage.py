"""Is the lineage of a table's columns told over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import job_key_of, key_of
from tests.server import headwater

QUERY = """query($of: ID!) { fieldLineage(dataset: $of) { dataset { key }
  fields { field { path } sources { source target types subtypes jobs validFrom } targets { target } }
  shapedBy { source } shapes { target } completeness { complete truncatedBy position } pageInfo { hasNextPage } } }"""


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: str) -> httpx.Response:
    return httpx.get(f"{server.url}/api/v1/graph/field_lineage", params=asked, timeout=30)


def test_every_surface_tells_the_same_columns(server: Server, position: str) -> None:
    """Each field with its edges, what was done to the data, and how far that is all."""
    body = get(server, dataset=key_of("b"), at_least=position).json()
    assert list(body) == ["dataset", "fields", "shaped_by", "shapes", "completeness", "page_info"]
    assert [row["field"]["path"] for row in body["fields"]] == ["x", "y"]
    (edge,) = body["fields"][0]["sources"]
    assert (edge["source"], edge["jobs"], edge["types"]) == (
        f"{key_of('a')}#p", [job_key_of("load")], ["DIRECT"],
    )  # fmt: skip
    told = graphql(server, QUERY, None, of=key_of("b"))["data"]["fieldLineage"]
    assert told["fields"][0]["sources"][0]["validFrom"] == edge["valid_from"]
    assert [row["field"]["path"] for row in told["fields"]] == ["x", "y"]
    assert told["completeness"] == {"complete": True, "truncatedBy": [], "position": position}
    asked = ("columns", key_of("b"), "--server", server.url)
    assert json.loads(headwater(*asked, "--json").stdout)["fields"] == body["fields"]
    lines = headwater(*asked).stdout.splitlines()
    assert lines[1].split() == ["x", "int", "←", f"{key_of('a')}#p", "DIRECT/IDENTITY"]
    assert lines[-1] == "2 columns, 1 edge upstream, 0 edges downstream"
    assert get(server, namespace="db", name="b").json()["fields"] == body["fields"]


def test_pages_go_on_and_fit_a_screen(server: Server, position: str) -> None:
    """A page says how to go on; lines fold at the width of the screen."""
    shown = headwater(
        "columns", key_of("b"), "--limit", "1", "--server", server.url, env={"COLUMNS": "80"}
    ).stdout
    after = shown.split("--after ")[1].strip()
    rest = get(server, dataset=key_of("b"), after=after).json()
    assert [row["field"]["path"] for row in rest["fields"]] == ["y"]
    none = headwater("columns", key_of("d"), "--server", server.url)
    assert (none.returncode, none.stdout) == (0, f"no columns of {key_of('d')} are known\n")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "BAD_INPUT"),
        ({"dataset": "job:jobs:load"}, 400, "BAD_INPUT"),
        ({"dataset": key_of("zz")}, 404, "NOT_FOUND"),
        ({"dataset": key_of("b"), "depth": "-1"}, 400, "BAD_INPUT"),
        ({"dataset": key_of("b"), "limit": "10001"}, 400, "LIMIT_EXCEEDED"),
        ({"dataset": key_of("b"), "key": "x"}, 400, "BAD_INPUT"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    server: Server, position: str, asked: dict[str, str], status: int, code: str
) -> None:
    """A code, and what to do instead; the same in GraphQL."""
    answer = get(server, **asked, at_least=position)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if len(asked) == 1:
        (error,) = graphql(server, QUERY, None, of=asked["dataset"])["errors"]
        assert error["extensions"]["code"] == code
