"""How is GraphQL spoken over a WebSocket? By graphql-transport-ws, with the codes and limits of POST.

A message that is none is answered by closing with 4400; the credential may stand in the first message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from app.graphql.asking import Asking
from app.http.auth import ADMIT
from graph_schema.errors import Unauthorized

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

log = structlog.get_logger()

INIT_WITHIN_S: Final = 10
"""How long a WebSocket may be open without its first message."""


class TextSocket(ASGIWebSocketAdapter):
    """A WebSocket whose messages are text, as the protocol wants them."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message; raises WebSocketDisconnected when nobody is there."""
        written = self.view.encode_json(message)
        try:
            await self.ws.send_text(written if isinstance(written, str) else written.decode())
        except (WebSocketDisconnect, RuntimeError) as error:  # gone, or closed by ourselves meanwhile
            raise WebSocketDisconnected from error


class Conversation(BaseGraphQLTransportWSHandler[Asking, None]):
    """One WebSocket's messages, from the first to the last."""

    async def handle_message(self, message: Any) -> None:
        """Take a message, or close where it is none."""
        wrong = wrong_with(message)
        if wrong:
            await self.handle_invalid_message(wrong)
        else:
            await super().handle_message(message)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what nobody foresaw; that somebody left is nothing to tell."""
        if not isinstance(error, WebSocketDisconnected):
            self.context.metrics.failures.inc()
            log.error("unforeseen", request_id=self.context.request_id, exc_info=error)


def wrong_with(message: Any) -> str | None:
    """Say what is wrong with a message of the protocol, None where nothing is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "a message is an object with a type"
    if message["type"] in {"subscribe", "complete"} and not isinstance(message.get("id"), str):
        return "this message needs an id, which is text"
    return _wrong_question(message.get("payload")) if message["type"] == "subscribe" else None


def _wrong_question(payload: Any) -> str | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "subscribe has a payload with query, which is text"
    if not isinstance(payload.get("variables"), dict | None):
        return "variables is an object or null"
    return None if isinstance(payload.get("operationName"), str | None) else "operationName is text or null"


def admit(scope: Scope, said: Mapping[str, Any] | None) -> None:
    """Let a WebSocket in by what its first message said; raises ConnectionRejectionError for a stranger."""
    admitting = scope.pop(ADMIT, None)
    if admitting is None:
        return  # auth is off, or the handshake showed a credential
    try:
        scope["caller"] = admitting(credential_in(said or {}))
    except Unauthorized as error:
        raise ConnectionRejectionError from error


def credential_in(said: Mapping[str, Any]) -> bytes | None:
    """Find the credential that a first message shows, under the names of the headers, whatever their case."""
    found = {str(name).lower(): value for name, value in said.items() if isinstance(value, str)}
    key = found.get("x-api-key")
    scheme, _, token = found.get("authorization", "").partition(" ")
    given = key or (token if scheme.lower() == "bearer" else "")
    return given.strip().encode("utf-8", "surrogatepass") or None
