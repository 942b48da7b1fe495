"""Does openlineage-python's own client work against the server, unchanged?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import HttpCompression, HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

from app.demo.scratch import Server
from tests.server import arrows, ask

pytestmark = pytest.mark.clients


def transport(kind: str, url: str, compression: HttpCompression | None) -> Any:
    if kind == "http":
        return HttpTransport(HttpConfig(url=url, compression=compression))
    return AsyncHttpTransport(AsyncHttpConfig(url=url, compression=compression))


def event(state: RunState, run: str, name: str) -> RunEvent:
    finished = state is RunState.COMPLETE
    return RunEvent(
        eventType=state,
        eventTime=datetime.now(UTC).isoformat(),
        run=Run(run),
        job=Job("client", f"copy {name}"),
        producer="https://headwater.example/tests",
        inputs=[InputDataset("client", f"{name}.in")],
        outputs=[OutputDataset("client", f"{name}.out")] if finished else [],
    )


@pytest.mark.parametrize("compression", [None, HttpCompression.GZIP], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", ["http", "async_http"])
def test_what_the_client_emits_is_answered(
    server: Server, kind: str, compression: HttpCompression | None
) -> None:
    """START and COMPLETE sent by the producer's own client give the edge they speak of."""
    name = f"{kind} {compression}"
    client = OpenLineageClient(transport=transport(kind, server.url, compression))
    run = str(generate_new_uuid())
    client.emit(event(RunState.START, run, name))
    client.emit(event(RunState.COMPLETE, run, name))
    assert client.close(timeout=30)

    source, target = f"dataset:client:{name}.in", f"dataset:client:{name}.out"
    assert arrows(ask(server, "upstream", target)) == {(source, target)}
    assert ask(server, "node", f"run:{run}")["state"] == "COMPLETED"
