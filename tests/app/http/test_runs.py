"""Are runs walked over plain HTTP, GraphQL and the command line alike, by a real server?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.demo.scratch import Server
from tests.app.asked import graphql, post_story
from tests.arrows import hour, job_key_of, key_of, run_key_of
from tests.server import headwater

QUERY = """query($of: ID!) { upstream(of: $of, granularity: RUN) {
  nodes { depth node { key kind ... on Run { job { key } } } }
  edges { source target evidence lastAt through { dataset version writtenAt readAt matchedBy } }
  completeness { complete } } }"""


@pytest.fixture(scope="module")
def position(server: Server) -> str:
    """The position after the story."""
    return post_story(server)


def get(server: Server, **asked: Any) -> httpx.Response:
    return httpx.get(
        f"{server.url}/api/v1/graph/upstream", params={"granularity": "run", **asked}, timeout=30
    )


def test_every_surface_tells_the_same_runs(server: Server, position: str) -> None:
    """r4 read what r2 wrote, and r2 what r1 did; what nobody wrote is the end."""
    body = get(server, key=run_key_of("r4"), at_least=position).json()
    rows = [(row["depth"], row["node"]["key"]) for row in body["nodes"]]
    assert rows == [(1, run_key_of("r2")), (2, run_key_of("r1")), (3, key_of("a"))]
    assert body["edges"][0]["through"] == [
        {"dataset": key_of("a"), "version": None, "written_at": None, "read_at": hour(1), "matched_by": None}
    ]
    told = graphql(server, QUERY, None, of=run_key_of("r4"))["data"]["upstream"]
    assert [(row["depth"], row["node"]["key"]) for row in told["nodes"]] == rows
    assert told["nodes"][0]["node"]["job"] == {"key": job_key_of("mart")}
    flow = {
        "dataset": key_of("c"),
        "version": None,
        "writtenAt": hour(4),
        "readAt": hour(6),
        "matchedBy": "TIME",
    }
    edge = next(one for one in told["edges"] if one["source"] == run_key_of("r2"))
    assert edge == {
        "source": run_key_of("r2"), "target": run_key_of("r4"), "evidence": "EXPLICIT", "lastAt": hour(6),
        "through": [flow],
    }  # fmt: skip
    asked = ("upstream", run_key_of("r4"), "--granularity", "RUN", "--server", server.url)
    assert json.loads(headwater(*asked, "--json").stdout) == body
    shown = headwater(*asked).stdout.splitlines()
    assert shown[1].endswith(
        f"{run_key_of('r2')}  RUN  {job_key_of('mart')}  COMPLETED  through {key_of('c')} (the last write before)"
    )


def test_a_run_has_no_other_time(server: Server, position: str) -> None:
    """A time is refused for a run, and says which version is meant for a dataset."""
    refused = get(server, key=run_key_of("r4"), as_of=hour(3), at_least=position)
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_INPUT")
    then = get(server, key=key_of("c"), as_of=hour(4)).json()
    assert then["nodes"][0]["node"]["key"] == run_key_of("r2")
    assert get(server, key=key_of("c"), as_of=hour(3)).json()["nodes"] == []
