"""Headwater in front of a real Marquez: does it get every event, in order, and is what it refuses listed with its own answer?

Runs against the Marquez that HEADWATER_TEST_MARQUEZ names, in a namespace of its own; left out without one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.demo.scratch import serving
from tests.arrows import event
from tests.ingest.forward.told import PATIENCE_S, forwarding, keep, listed, standing, until
from tests.server import headwater

URL = os.environ.get("HEADWATER_TEST_MARQUEZ", "")
pytestmark = pytest.mark.skipif(not URL, reason="LEFT OUT: HEADWATER_TEST_MARQUEZ names no Marquez")
Json = dict[str, Any]


def of(namespace: str, line: str) -> Json:
    """One event of the small language, in a namespace and with a run id that nobody else has."""
    body = event(line)[0]
    body["producer"] = "https://test.example"
    body["job"]["namespace"] = namespace
    body["run"]["runId"] = str(uuid4()) if body["run"]["runId"] == "?" else body["run"]["runId"]
    for one in (*body.get("inputs", ()), *body.get("outputs", ())):
        one["namespace"] = namespace
    return body


def story(namespace: str, runs: int) -> list[Json]:
    """START, RUNNING and COMPLETE of runs of five jobs, mixed."""
    ids = [str(uuid4()) for _ in range(runs)]
    return [
        of(namespace, f"{hour} {kind} {run} job{number % 5}: in{number % 5} -> out{number % 5}")
        for hour, kind in enumerate(("START", "RUNNING", "COMPLETE"))
        for number, run in enumerate(ids)
    ]


def odd(namespace: str) -> dict[str, Json]:
    """Events that a Marquez refuses, or fails on for ever."""
    nameless = of(namespace, "1 COMPLETE ? nameless: a -> b")
    nameless["inputs"][0]["name"] = ""
    timeless = of(namespace, "1 COMPLETE ? timeless: a -> b")
    timeless["run"]["facets"]["nominalTime"] = {
        "_producer": "p", "_schemaURL": "s", "nominalStartTime": "2020-01-02",
    }  # fmt: skip
    parentless = of(namespace, "1 COMPLETE ? parentless: a -> b")
    parentless["run"]["facets"]["parent"] = {
        "_producer": "p", "_schemaURL": "s", "run": {}, "job": {"namespace": "n", "name": "x"},
    }  # fmt: skip
    failing = of(namespace, "1 COMPLETE ? failing: a -> b")
    failing["run"]["facets"]["note"] = {"_producer": "p", "_schemaURL": "s", "text": "a\x00b"}
    return {"nameless": nameless, "timeless": timeless, "parentless": parentless, "failing": failing}


def test_both_are_compared(tmp_path: Path) -> None:
    """A server in front of it, then `headwater compare marquez`: what it loses is explained, and nothing else differs."""
    namespace = f"compared-{uuid4()}"
    runs = [str(uuid4()) for _ in range(6)]
    lines = [
        f"1 COMPLETE {runs[0]} kept: a -> b",
        f"2 COMPLETE {runs[1]} emptied: a -> b", f"3 START {runs[2]} emptied",
        f"4 COMPLETE {runs[3]} failing: a -> b", f"5 FAIL {runs[4]} failing: c -> d",
        f"9 COMPLETE {runs[5]} late: a -> b", f"8 START {runs[5]} late: a -> b",
    ]  # fmt: skip
    with serving(tmp_path / "home", "--forward", URL) as server:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            for line in lines:
                assert client.post("/api/v1/lineage", json=of(namespace, line)).status_code == 201
            until(lambda: client.get("/readyz").json()["forward"].get("waiting") == 0, "all is forwarded")
        shown = headwater(
            "compare", "marquez", "--url", URL, "--namespace", namespace, "--server", server.url, "--json"
        )
    assert shown.returncode == 0, shown.stdout
    told = json.loads(shown.stdout)
    found = {(one["kind"], one["cause"]) for one in told["differences"]}
    assert found == {
        ("input", "start_without_datasets"), ("output", "start_without_datasets"), ("run state", "state_name"),
        ("input", "failed_run_counted"), ("output", "failed_run_counted"), ("run state", "arrival_order"),
        ("lineage", "siblings"),
    }  # fmt: skip


def test_a_real_marquez_behind(tmp_path: Path) -> None:
    """All runs are COMPLETED there and each job has its edges; four odd events are listed with the answers that were measured."""
    namespace = f"front-{uuid4()}"
    bad = odd(namespace)
    good = story(namespace, 60)
    bodies = [*good[:20], *bad.values(), *good[20:]]
    end = keep(tmp_path, [json.dumps(body).encode() for body in bodies])[-1]
    with forwarding(tmp_path, URL):
        until(
            lambda: int(standing(tmp_path).get("cursor", -1)) >= end,
            "all is forwarded",
            patience_s=3 * PATIENCE_S,
        )
    refused = {str(one.job).rpartition(":")[2]: (one.status, one.reason) for one in listed(tmp_path)}
    assert refused == {
        "nameless": (400, "refused"), "timeless": (500, "refused"), "parentless": (422, "refused"),
        "failing": (500, "gave_up"),
    }  # fmt: skip
    base = f"{URL.rstrip('/')}/api/v1"
    with httpx.Client(base_url=base, timeout=60) as client:
        for number in range(5):
            runs = client.get(f"/namespaces/{namespace}/jobs/job{number}/runs?limit=100").json()["runs"]
            assert {run["state"] for run in runs} == {"COMPLETED"}
            assert len(runs) == 12
            node = f"job:{namespace}:job{number}"
            graph = client.get("/lineage", params={"nodeId": node, "depth": 0}).json()["graph"]
            (own,) = [one for one in graph if one["id"] == node]
            assert [edge["origin"] for edge in own["inEdges"]] == [f"dataset:{namespace}:in{number}"]
            assert [edge["destination"] for edge in own["outEdges"]] == [f"dataset:{namespace}:out{number}"]
