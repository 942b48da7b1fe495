"""Does an MLflow that is away, slow or no MLflow at all become an error that says what to do?"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.demo.scratch import free_port
from graph_schema.errors import LineageError
from ingest.sources.mlflow.address import address_of
from ingest.sources.mlflow.reading import opened

Answer = tuple[int, str, bytes]
HOST_CHECK = b"Invalid Host header - possible DNS rebinding attack detected"
"""As MLflow 3.17.2 answers with 403, as text."""


@pytest.fixture
def answering() -> Iterator[Callable[[dict[str, Answer]], str]]:
    """Serve what a proxy or another program would: an answer for each path; gives the address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answers: dict[str, Answer]) -> str:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = answers.get(
                    self.path.partition("?")[0], (404, "text/html", b"<html>no</html>")
                )
                if kind == "slow":
                    time.sleep(1.5)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Location", "https://login.example/")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # who was in a hurry has left
                    self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name is the module's

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def ask(url: str, timeout_s: float = 20.0) -> LineageError:
    """Ask for version and experiments; gives the error."""

    async def asked() -> None:
        async with opened(address_of(url, timeout_s=timeout_s)) as server:
            await server.version()
            await server.experiments()

    with pytest.raises(LineageError) as raised:
        asyncio.run(asked())
    return raised.value


EXPERIMENTS = "/api/2.0/mlflow/experiments/search"
FINE = (200, "text/plain", b"3.17.2")


@pytest.mark.parametrize(
    ("answers", "code", "says"),
    [
        ({}, "SOURCE_REFUSED", "a page, not JSON"),
        ({"/version": (200, "text/html", b"<html>sign in</html>")}, "SOURCE_REFUSED", "a login"),
        ({"/version": (302, "text/plain", b"")}, "SOURCE_REFUSED", "https://login.example/"),
        ({"/version": (403, "text/plain", HOST_CHECK)}, "SOURCE_REFUSED", "--allowed-hosts 127.0.0.1:"),
        ({"/version": (401, "text/plain", b"")}, "SOURCE_REFUSED", "HEADWATER_MLFLOW_TOKEN"),
        ({"/version": (200, "text/plain", b"2.22.1")}, "SOURCE_REFUSED", "3.0 or newer"),
        ({"/version": (503, "text/plain", b"busy")}, "SOURCE_UNAVAILABLE", "tried again"),
        ({"/version": FINE, EXPERIMENTS: (500, "text/html", b"<p>")}, "SOURCE_UNAVAILABLE", "answers 500"),
        ({"/version": FINE, EXPERIMENTS: (404, "text/plain", b"")}, "SOURCE_REFUSED", "is not there"),
        ({"/version": FINE, EXPERIMENTS: (200, "application/json", b"[1]")}, "SOURCE_REFUSED", "not as MLflow"),
        ({"/version": FINE, EXPERIMENTS: (200, "application/json", b"{")}, "SOURCE_REFUSED", "not as MLflow"),
    ],
)  # fmt: skip
def test_a_wrong_answer_says_what_to_do(
    answering: Callable[[dict[str, Answer]], str], answers: dict[str, Answer], code: str, says: str
) -> None:
    """A login page, the host check, an old version, another program: which it is and the next step."""
    error = ask(answering(answers))
    assert error.code == code
    assert says in error.message


def test_a_server_that_is_away_or_slow_is_tried_again(answering: Callable[[dict[str, Answer]], str]) -> None:
    """Both say so; a slow one names the setting."""
    away = ask(f"http://127.0.0.1:{free_port()}")
    assert (away.code, "mlflow server" in away.message) == ("SOURCE_UNAVAILABLE", True)
    slow = ask(answering({"/version": (200, "slow", b"3.17.2")}), timeout_s=0.3)
    assert (slow.code, "HEADWATER_MLFLOW_TIMEOUT_S" in slow.message) == ("SOURCE_UNAVAILABLE", True)
