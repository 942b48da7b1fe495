"""How are errors told to whoever asked in GraphQL? With the same codes as over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from graphql import GraphQLError

from app.errors import body_of
from app.http.waiting import AskerLeft
from graph_schema.errors import LineageError

if TYPE_CHECKING:
    from app.metrics import Metrics

log = structlog.get_logger()


class BadQuery(LineageError):
    """A request, or a document in it, that is no question to this schema."""

    code = "BAD_QUERY"


class MethodNotAllowed(LineageError):
    """A question asked in another way than by POST."""

    code = "METHOD_NOT_ALLOWED"


class UnsupportedMediaType(LineageError):
    """A body that is not declared as JSON; other sites' pages can send those without being asked for leave."""

    code = "UNSUPPORTED_MEDIA_TYPE"


def told(error: GraphQLError, request_id: str) -> GraphQLError:
    """Make an error that may be shown: typed ones with their code, unforeseen ones masked and logged."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, AskerLeft):
        return _again(error, "nobody waits for this answer any more", {"code": "ASKER_LEFT"})
    if isinstance(cause, LineageError):
        return _again(error, cause.message, {**cause.values, "code": cause.code})
    if error.extensions and "code" in error.extensions:
        return error
    if cause is None or isinstance(cause, GraphQLError):
        return _again(error, error.message, {"code": BadQuery.code})
    log.error("unforeseen", request_id=request_id, path=error.path, exc_info=cause)
    message = f"something went wrong here; the log has the rest under request {request_id}"
    return _again(error, message, {"code": LineageError.code, "request_id": request_id})


def tell_all(errors: Iterable[GraphQLError], request_id: str, metrics: Metrics) -> list[GraphQLError]:
    """Make errors that may be shown, and count those that nobody foresaw; one that was told already stays as it is."""
    shown = []
    for error in errors:
        one = told(error, request_id)
        if one is not error and (one.extensions or {}).get("code") == LineageError.code:
            metrics.failures.inc()
        shown.append(one)
    return shown


def refusal_body(error: LineageError) -> dict[str, Any]:
    """Give the body of a request that never became a question: as over plain HTTP, and as clients read it."""
    body = body_of(error)
    extensions = {name: value for name, value in body.items() if name != "message"}
    return {**body, "errors": [{"message": error.message, "extensions": extensions}]}


def _again(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
