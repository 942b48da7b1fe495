"""A server on loopback that answers by a function: what a registry was recorded to answer, or what stands in its way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its method, its path without and its query with what is behind the `?`, its headers and body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    body: bytes = b"{}"
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def answering(answer: Callable[[Asked], Said]) -> Iterator[str]:
    """Answer on a free port until the block ends; gives the address."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: else each waits for an acknowledgement

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = answer(Asked(self.command, parts.path, parts.query, headers, body))
            self.send_response(said.status)
            sent = {"content-type": said.kind, "content-length": str(len(said.body)), **said.headers}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = _answer  # noqa: N815 - as http.server names them

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def registry(answers: Callable[[], Mapping[str, bytes]]) -> Callable[[Asked], Said]:
    """Answer as a Feast registry does, with what it answers at the time of each question."""

    def answer(asked: Asked) -> Said:
        name = asked.path.removeprefix("/api/v1/")
        if name == "version":
            return Said(b'{"version":"0.67.0"}')
        body = answers().get(name)
        return Said(b'{"detail":"Not Found"}', 404) if body is None else Said(body)

    return answer
