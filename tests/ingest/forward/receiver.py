"""A receiver of bytes for fault injection: an HTTP server that answers as a Marquez was recorded to.

It is no Marquez and keeps no model: it says 201, the recorded refusals, or whatever a test tells it to do to a request
(fail, hang, cut the connection, send elsewhere), and remembers what arrived in which order. What the real one does is
for the live suite, `tests/marquez/`.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from app.demo.scratch import free_port

HTML: Final = b"<html><head><title>Error 500 Request failed.</title></head><body>HTTP ERROR 500</body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer. `hang_s` waits before it; `cut` breaks the connection off: before, or in the middle of the answer."""

    status: int = 201
    body: bytes = b""
    kind: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    hang_s: float = 0.0
    cut: str = ""


FAILS: Final = Reply(500, HTML)
Behaviour = Callable[[bytes], Reply]


class Receiver:
    """A server on one port that can be stopped and started again; `taken` are the bodies it said 2xx to, in order."""

    def __init__(self, behave: Behaviour = lambda _: Reply()) -> None:
        """Choose a port; nothing listens yet."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.behave = behave
        self.arrived: list[bytes] = []
        self.taken: list[bytes] = []
        self.keys: list[str | None] = []
        self.paths: set[str] = set()
        self.at_once_most = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        receiver = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.serve(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Listening(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                """A connection that was cut on purpose is no news."""

        self._server = Listening(("127.0.0.1", self.port), Door)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        """Stop as a killed process does: nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def serve(self, door: BaseHTTPRequestHandler) -> None:
        length = int(door.headers["Content-Length"])
        body = door.rfile.read(length)
        # Half a body is of a sender that was killed; an old connection may be of a server that is gone.
        if len(body) < length or self._server is None:
            _cut(door)
            return
        with self._lock:
            self._at_once += 1
            self.at_once_most = max(self.at_once_most, self._at_once)
            self.arrived.append(body)
            self.keys.append(door.headers["Authorization"])
            self.paths.add(door.path)
            reply = self.behave(body)
            if 200 <= reply.status < 300 and reply.cut != "before":
                self.taken.append(body)
        try:
            _answer(door, reply)
        finally:
            with self._lock:
                self._at_once -= 1


def _answer(door: BaseHTTPRequestHandler, reply: Reply) -> None:
    if reply.hang_s:
        time.sleep(reply.hang_s)
    if reply.cut == "before":
        _cut(door)
        return
    door.send_response(reply.status)
    if reply.body:
        door.send_header("Content-Type", reply.kind)
    for name, value in reply.headers.items():
        door.send_header(name, value)
    door.send_header("Content-Length", str(len(reply.body) + (100 if reply.cut else 0)))
    door.end_headers()
    door.wfile.write(reply.body)
    if reply.cut:
        door.wfile.flush()
        _cut(door)


def _cut(door: BaseHTTPRequestHandler) -> None:
    """Reset the connection."""
    door.close_connection = True
    door.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    door.connection.close()


@contextmanager
def receiving(behave: Behaviour = lambda _: Reply()) -> Iterator[Receiver]:
    """Run a receiver for the length of a block."""
    receiver = Receiver(behave)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


def as_recorded(posts: list[tuple[bytes, dict[str, Any]]]) -> Behaviour:
    """Answer each event as it was answered when it was recorded."""
    said = {_form(raw): post for raw, post in posts}

    def behave(body: bytes) -> Reply:
        post = said[_form(body)]
        text = (post["body"] or "").encode()
        return Reply(post["status"], text, post["content_type"] or "text/html")

    return behave


def _form(raw: bytes) -> str:
    return json.dumps(json.loads(raw), sort_keys=True)
