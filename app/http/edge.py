"""What happens to every request before any route sees it, and to every failure that no route foresaw?

Clients build addresses by joining texts, so a base path, a slash at the end and doubled slashes are taken as
meant: a redirect would be followed as a GET without body, and the event would be lost.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

import structlog

from app.errors import to_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.metrics import Metrics

log = structlog.get_logger()
SWALLOWED: Final = frozenset({"/v1/lineage", "/v1/lineage/batch"})
"""What is left of `//api/v1/lineage`, as a client with a slash too many sends it: by the rules of addresses,
which the HTTP parser follows, `//api` is a host."""

REQUEST_ID: Final = b"x-request-id"
_SLASHES: Final = re.compile(r"/{2,}")
_REQUEST_ID_TAKEN: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
"""What a gateway's id may look like; anything else could forge log lines, and a new one is made."""


class Paths:
    """ASGI layer that takes the base path off and forgives surplus slashes."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        """Remember the base path, "" or "/like/this"."""
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the path it meant."""
        if scope["type"] in {"http", "websocket"}:
            path: str = scope["path"]
            base = self._base_path
            tidy = _SLASHES.sub("/", path) if "//" in path else path
            if len(tidy) > 1 and tidy.endswith("/"):
                tidy = tidy[:-1]
            if tidy in SWALLOWED:
                tidy = f"/api{tidy}"
            if base and (tidy == base or tidy.startswith(f"{base}/")):
                scope["root_path"] = base
                tidy = tidy if tidy != base else f"{base}/"
            scope["path"] = tidy
        await self._app(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    """Give the id of a request: the one a gateway sent along, else a new one; always the same for one request."""
    known: str | None = scope.get("headwater.request_id")
    if known is None:
        sent = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
        known = sent.decode() if _REQUEST_ID_TAKEN.fullmatch(sent) else uuid.uuid4().hex
        scope["headwater.request_id"] = known
    return known


class Unforeseen:
    """ASGI layer that gives every request an id, and answers an error nobody foresaw with it: the log has the rest."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Remember where failures are counted."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log and mask what is raised."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (REQUEST_ID, request_id_of(scope).encode())]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http":
                raise
            request_id = request_id_of(scope)
            self._metrics.failures.inc()
            log.exception("unforeseen", request_id=request_id, path=scope["path"], error=repr(error))
            if started:  # the answer is on its way and cannot be taken back: cut it, so that it looks cut
                raise
            await _mask(watch, request_id)


async def _mask(send: Send, request_id: str) -> None:
    message = f"something went wrong here; the log has the rest under request {request_id}"
    body = to_json({"code": "INTERNAL", "message": message, "request_id": request_id})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
