"""Which requests become events, and do those say who brought about what?"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from ingest.inbox import judge
from ingest.sources.gateway.lines import Names, event_of, line_of
from tests.facets import faults

NAMES = Names("envoy://gateway:5001", "mlflow://mlflow:5000")
LINE: dict[str, Any] = {
    "at": "2026-11-26T20:19:55.383320Z",
    "created": "runs",
    "duration_ms": 13,
    "experiment_id": "3",
    "issuer": "https://login.example",
    "method": "POST",
    "path": "/api/2.0/mlflow/runs/create",
    "person": "ada@loans.example",
    "request_id": "4247a330-f62f-45e8-965d-9ac28063d67b",
    "run_id": "0190f4c2a1b07c3e9d5510e4ab12cd34",
    "status": 200,
    "subject": "u1",
    "upstream": "mlflow",
    "why": "via_upstream",
}


def event(**changes: Any) -> dict[str, Any] | None:
    line = line_of(json.dumps({**LINE, **changes}).encode())
    assert line is not None
    return event_of(line, NAMES)


def facet(**changes: Any) -> dict[str, Any]:
    found = event(**changes)
    assert found is not None
    body: dict[str, Any] = found["run"]["facets"]["gateway_access"]
    return body


def test_who_created_a_run_is_an_event() -> None:
    """One completed run of the gateway's job, of no dataset; what it speaks of is named inside, as the contract has it."""
    found = event()
    assert found is not None
    assert (found["eventType"], found["eventTime"]) == ("COMPLETE", "2026-11-26T20:19:55.383320Z")
    assert (found["job"]["namespace"], found["job"]["name"]) == ("envoy://gateway:5001", "access")
    assert (found["inputs"], found["outputs"]) == ([], [])
    assert UUID(found["run"]["runId"]).version == 5
    said = facet()
    assert said["run"] == "0190f4c2-a1b0-7c3e-9d55-10e4ab12cd34"
    assert said["experiment"] == {"namespace": "mlflow://mlflow:5000", "experimentId": "3"}
    assert (said["person"], said["subject"], said["issuer"]) == (
        "ada@loans.example",
        "u1",
        "https://login.example",
    )
    assert (said["act"], said["requestId"]) == ("CREATED_RUN", LINE["request_id"])
    judged = judge(json.dumps(found).encode(), received_at="2026-11-26T20:20:00.000000Z", source="gateway")
    assert (judged.error, judged.warnings, faults(found)) == (None, (), [])


def test_who_created_an_experiment_is_an_event() -> None:
    """It has no run."""
    said = facet(created="experiments", run_id=None, path="/ajax-api/2.0/mlflow/experiments/create")
    assert (said["act"], said["run"], said["experiment"]["experimentId"]) == ("CREATED_EXPERIMENT", None, "3")


def test_a_line_is_one_event_however_often_it_is_read() -> None:
    """And another request another one."""
    assert event() == event()
    one, other = event(), event(request_id="other")
    assert one is not None
    assert other is not None
    assert one["run"]["runId"] != other["run"]["runId"]


@pytest.mark.parametrize(
    "changes",
    [
        {"created": None},
        {"created": "models"},
        {"person": None, "subject": None},
        {"status": 401},
        {"status": 429},
        {"status": 500},
    ],
)
def test_what_brought_nothing_about_is_no_event(changes: dict[str, Any]) -> None:
    """Nor what nobody is known to have done; it is counted all the same."""
    assert event(**changes) is None


def test_what_is_not_known_is_null() -> None:
    """An answer too large to be read names no run; a token without the person's claim has its subject."""
    said = facet(run_id=None, experiment_id=None, person=None)
    assert (said["run"], said["experiment"], said["person"]) == (None, None, "u1")
    assert facet(run_id="no uuid")["run"] is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'[2026-11-26T20:19:55Z] "GET / HTTP/1.1" 200',
        json.dumps({**LINE, "at": "yesterday"}).encode(),
        json.dumps({**LINE, "request_id": ""}).encode(),
        json.dumps({**LINE, "status": "ok"}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_line_of_this_log_is_none(text: bytes) -> None:
    """Whatever stands there, nothing fails."""
    assert line_of(text) is None
