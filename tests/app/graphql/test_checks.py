"""How are check results asked for, those of runs and those that were told outside of any run?"""

from __future__ import annotations

from typing import Any

import httpx

from app.demo.scratch import Server
from graph_schema.identity import run_key
from tests.app.asked import graphql
from tests.arrows import event, hour, key_of, run_text
from tests.server import export

CHECKS = """query ($first: Int, $after: String) { dataset(namespace: "db", name: "b") {
  checks(first: $first, after: $after) {
    nodes { name outcome at column run { key } dataset { key } } pageInfo { hasNextPage endCursor }
} } }"""


def asserted(line: str, name: str, *, success: bool, time: str | None = None) -> dict[str, Any]:
    body, _ = event(line)
    holder = body["dataset"] if "dataset" in body else body["outputs"][0]
    assertion = {"assertion": name, "column": "x", "success": success}
    holder["facets"]["dataQualityAssertions"] = {"assertions": [assertion]}
    return body if time is None else {**body, "eventTime": time}


def test_checks_newest_first_whoever_told_them(server: Server) -> None:
    """F11, F1: of a run and of a DatasetEvent, newest first; one with an unbelievable time has none, and comes last."""
    told = [
        asserted("9 DATASET b", "future", success=True, time="9000-01-01T00:00:00Z"),
        asserted("1 DATASET b", "not_null", success=False),
        asserted("2 COMPLETE r1 load: a -> b", "unique", success=True),
    ]
    httpx.post(f"{server.url}/api/v1/lineage/batch", json=told, timeout=30).raise_for_status()
    rows = {row["name"]: row for row in export(server) if row["type"] == "check"}
    assert (rows["not_null"]["run"], rows["not_null"]["dataset"]) == (None, key_of("b"))
    assert (rows["unique"]["run"], rows["future"]["at"]) == (run_key(run_text("r1")), None)
    whole = graphql(server, CHECKS, first=10)["data"]["dataset"]["checks"]["nodes"]
    told_of = [(one["name"], one["outcome"], one["at"], one["run"] and one["run"]["key"]) for one in whole]
    assert told_of == [
        ("unique", "pass", hour(2), run_key(run_text("r1"))), ("not_null", "fail", hour(1), None),
        ("future", "pass", None, None),
    ]  # fmt: skip
    assert {(one["column"], one["dataset"]["key"]) for one in whole} == {("x", key_of("b"))}
    found, after = [], None
    for _ in whole:
        page = graphql(server, CHECKS, first=1, after=after)["data"]["dataset"]["checks"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert (found, page["pageInfo"]["hasNextPage"]) == (whole, False)
