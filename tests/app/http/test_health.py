"""Does the server say truly how it is, and nothing about itself when it fails?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from app.demo.scratch import Server, wait_ready
from app.metrics import SAMPLES_MAX, Metrics
from graph_schema.errors import NotCaughtUp
from tests.app.http.serving import Served, serving
from tests.app.http.test_door import BATCH, DOOR, body


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


def series(served: Served) -> dict[str, float]:
    lines = served.client.get("/metrics").text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_alive_without_a_graph(served: Served) -> None:
    """/healthz asks nobody: a slow or absent engine gets no server restarted, and events are
    accepted all the same.
    """
    assert served.client.get("/healthz").status_code == 200
    assert served.client.post(DOOR, content=body()).status_code == 201


def test_not_ready_without_a_graph(served: Served) -> None:
    """/readyz is 503 while the graph cannot be asked, with what is known and the reason."""
    served.client.post(DOOR, content=body())
    answer = served.client.get("/readyz")
    told = answer.json()
    assert (answer.status_code, told["ready"], told["lag"], told["projected"]) == (503, False, None, None)
    assert (told["journal_end"], told["reason"]["code"]) == ("1", "STORE_UNAVAILABLE")
    assert "retry-after" in answer.headers


def test_metrics_count_what_happened(served: Served) -> None:
    """Accepted, duplicates and rejected by code, latency, journal end; the graph's side is NaN
    while it is away.
    """
    for raw in (body("a"), body("a"), body("b"), b"{", b"3"):
        served.client.post(DOOR, content=raw)
    served.client.post(BATCH, content=b"[%s,3,%s]" % (body("c"), body("a")))
    counted = series(served)
    assert counted["headwater_events_accepted_total"] == 3
    assert counted["headwater_events_duplicate_total"] == 2
    assert counted['headwater_events_rejected_total{code="BAD_JSON"}'] == 1
    assert counted['headwater_events_rejected_total{code="EVENT_NOT_OBJECT"}'] == 2
    assert counted["headwater_accept_seconds_count"] == 6
    assert counted["headwater_journal_end"] == served.journal.end()
    assert counted["headwater_lag_events"] != counted["headwater_lag_events"]


def test_projection_latency_is_sampled_and_bounded() -> None:
    """Samples are timed when the graph passes their position; a backlog does not pile them up."""
    metrics = Metrics()
    for position in range(1, 5000):
        metrics.sample(position)
    metrics.note_projected(10)
    assert metrics.waiting_for_projection
    metrics.note_projected(5000)
    assert not metrics.waiting_for_projection
    assert f"headwater_projection_seconds_count {float(SAMPLES_MAX)}" in metrics.render().decode()


def test_ready_with_a_graph(server: Server) -> None:
    """/readyz is 200 with lag 0 once all is in the graph, children are named, and the way there was timed."""
    posted = httpx.post(f"{server.url}{DOOR}", content=body(), timeout=20)
    wait_ready(server)
    answer = httpx.get(f"{server.url}/readyz", timeout=20)
    told = answer.json()
    assert (answer.status_code, told["ready"], told["lag"]) == (200, True, 0)
    assert told["journal_end"] == told["projected"] == posted.json()["position"]
    assert {name: child["state"] for name, child in told["children"].items()} == {
        "engine": "running",
        "projector": "running",
    }
    lines = httpx.get(f"{server.url}/metrics", timeout=20).text.splitlines()
    assert "headwater_lag_events 0.0" in lines
    assert "headwater_projected 1.0" in lines


async def boom(_request: Request) -> None:
    raise RuntimeError("a secret detail")


async def late(_request: Request) -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first "
        await asyncio.sleep(0)
        raise RuntimeError("a secret detail")

    return StreamingResponse(parts())


async def behind(_request: Request) -> None:
    raise NotCaughtUp("not yet", at_least="7")


def test_an_unforeseen_error_is_masked_and_logged(tmp_path: Path) -> None:
    """500 carries a request id and nothing of the error; the log has both, and the failure is counted."""
    with (
        serving(tmp_path, routes=[Route("/boom", boom)]) as served,
        structlog.testing.capture_logs() as logged,
    ):
        answer = served.client.get("/boom")
        assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
        assert "secret" not in answer.text
        [line] = [one for one in logged if one["event"] == "unforeseen"]
        assert (line["request_id"], line["path"]) == (answer.json()["request_id"], "/boom")
        assert "a secret detail" in line["error"]
        assert series(served)["headwater_failures_total"] == 1


def test_an_answer_that_fails_on_its_way_looks_cut(tmp_path: Path) -> None:
    """When half an answer is out, the connection is cut: a client must not take half for the whole."""
    with serving(tmp_path, routes=[Route("/late", late)]) as served, structlog.testing.capture_logs():
        with pytest.raises(Exception, match="peer closed connection"):
            served.client.get("/late")
        assert served.client.get("/healthz").status_code == 200


def test_typed_errors_of_any_route_are_told_by_the_table(tmp_path: Path) -> None:
    """A LineageError raised by any route has its status, headers and values."""
    with serving(tmp_path, routes=[Route("/behind", behind)]) as served:
        answer = served.client.get("/behind")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json() == {"code": "NOT_CAUGHT_UP", "message": "not yet", "at_least": "7"}
