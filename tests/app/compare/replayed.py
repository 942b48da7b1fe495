"""A server that answers GETs as a Marquez was recorded to, for the reader and the command over real HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from app.compare.marquez import Answer
from app.compare.recorded import Recorded
from tests.needs import SHARED, need

Change = Callable[[str, Answer], Answer]


def recordings() -> Path:
    """Give the folder of recorded answers, which lies beside the project."""
    folder = SHARED / "corpora" / "marquez"
    need("recorded answers of a Marquez", here=folder.is_dir(), get_it="they lie beside the project's folder")
    return folder


@contextmanager
def replaying(scenario: str, change: Change = lambda _, answer: answer) -> Iterator[str]:
    """Serve a scenario's answers; gives the address. `change` makes another answer of one."""
    recorded = Recorded(recordings() / scenario / "answers.ndjson.gz")

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = change(self.path, asyncio.run(recorded.get(self.path)))
            body = answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode()
            self.send_response(answer.status or 500)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
