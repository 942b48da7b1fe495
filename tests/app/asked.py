"""What do the tests of the ways in ask about? A small story, posted to a real server."""

from __future__ import annotations

from typing import Any

import httpx

from app.demo.scratch import Server
from tests.arrows import story

STORY = (
    "1 START r1 load: a -> b",
    "2 COMPLETE r1 load: a -> b | schema=b:x,y columns=b:x<a.p",
    "3 START r2 mart: b -> c",
    "4 COMPLETE r2 mart: b -> c",
    "5 START r3 mart: b -> c",
    "6 COMPLETE r4 report: c -> d",
)


def post_story(server: Server) -> str:
    """Post the story and give the position after it."""
    events = [event for event, _ in story(*STORY)]
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", json=events, timeout=30)
    assert answer.json()["summary"]["failed"] == 0, answer.text
    return str(answer.json()["position"])


def graphql(
    server: Server, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> dict[str, Any]:
    """Ask in GraphQL; gives the whole answer."""
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{server.url}/graphql", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
