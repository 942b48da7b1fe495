"""What do the tests of Marquez's paths ask about? Names that need escaping, posted to a real server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from app.demo.scratch import Server, wait_ready

Json = dict[str, Any]
PRODUCER = "https://example.com/tests"
ODD_NAMES = (
    "plain", "with/slash", "a/b/c", "with%percent", "with%2Fescape", "with:colon", "with#hash", "with?question", "with space",
    "with+plus", "naïve", "表", "🕷", "a&b=c", '"quoted"', "'; DROP TABLE x", "versions", "runs", "x/versions",
    "n" * 2_000,
)  # fmt: skip


def event(minute: int, kind: str, run: int, job: tuple[str, str], **sides: list[tuple[str, str]]) -> Json:
    """A run event: at a minute of a day, with datasets on its sides."""
    return {
        "eventTime": f"2026-03-01T{10 + minute // 60:02d}:{minute % 60:02d}:00Z",
        "eventType": kind,
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-7000-8000-{run:012d}"},
        "job": {"namespace": job[0], "name": job[1]},
        **{
            side: [{"namespace": namespace, "name": name} for namespace, name in names]
            for side, names in sides.items()
        },
    }


def post(server: Server, events: list[Json]) -> str:
    """Post events and wait until they are in the graph; gives the position after them."""
    answer = httpx.post(f"{server.url}/api/v1/lineage/batch", json=events, timeout=60)
    assert answer.json()["summary"]["failed"] == 0, answer.text
    wait_ready(server)
    return str(answer.json()["position"])


def path(*parts: str) -> str:
    """Join the parts of a path, each escaped whole."""
    return "/".join(["/api/v1", *(quote(part, safe="") for part in parts)])
