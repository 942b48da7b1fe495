"""How is GraphQL spoken over HTTP? POST asks, GET in a browser shows GraphiQL; nothing else is taken.

A subscription is asked by POST with `Accept: text/event-stream` (graphql-sse, distinct connections), or over a WebSocket.

A question has to come as `application/json`: a page of another site can then only send one after asking this
server for leave, which it does not give. What is no question at all is answered 4xx, in the form of plain HTTP
and with the `errors` that GraphQL clients look for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from cross_web import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET

from app.errors import body_of, headers_of, row_of, to_json
from app.graphql import graphiql
from app.graphql.asking import Asking
from app.graphql.schema import Schema, make_schema
from app.graphql.socket import INIT_WITHIN_S, Conversation, TextSocket, admit
from app.graphql.telling import BadQuery, MethodNotAllowed, UnsupportedMediaType, refusal_body, tell_all
from app.http.edge import request_id_of
from app.http.waiting import POSITION, released
from app.watching import too_many
from graph_schema.errors import BadJson, LineageError, TooLarge

if TYPE_CHECKING:
    from cross_web import AsyncHTTPRequestAdapter
    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send
    from strawberry.http import GraphQLHTTPResponse
    from strawberry.types import ExecutionResult

    from app.context import Context
    from app.settings import Settings

BODY_BYTES_MAX: Final = 1024 * 1024
"""A question of 2,000 tokens with its variables is far smaller."""

JSON: Final = "application/json"


def graphql_routes(settings: Settings) -> list[BaseRoute]:
    """Give the routes: the questions, and the page's files."""
    files = StaticFiles(directory=graphiql.FILES)
    asking = Questions(make_schema(settings), settings.subscriptions_max)
    return [
        Mount("/graphql/files", files),
        Route("/graphql", asking, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", asking),
    ]


class Questions(GraphQL[Asking, None]):
    """The ASGI application that answers GraphQL."""

    websocket_adapter_class = TextSocket
    graphql_transport_ws_handler_class = Conversation

    def __init__(self, schema: Schema, sockets_max: int) -> None:
        """Answer over a schema, over so many WebSockets at once."""
        super().__init__(
            schema,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=INIT_WITHIN_S),
        )
        self._sockets_max = sockets_max
        self._sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse what is no question."""
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
            return
        try:
            await super().__call__(scope, _limited(receive), send)
        except LineageError as error:
            allow = {"Allow": "POST"} if isinstance(error, MethodNotAllowed) else {}
            headers = {**headers_of(error), **allow}
            body = to_json(refusal_body(error))
            await Response(body, row_of(error).status, headers, media_type=JSON)(scope, receive, send)
        finally:
            await released(scope)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talk over a WebSocket; one too many is refused before it is opened."""
        if self._sockets >= self._sockets_max:
            error = too_many(self._sockets_max)
            body = to_json(body_of(error))
            answer = Response(body, row_of(error).status, headers_of(error), media_type=JSON)
            await WebSocket(scope, receive, send).send_denial_response(answer)
            return
        self._sockets += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._sockets -= 1

    async def on_ws_connect(self, context: Asking) -> Any:
        """Let whoever is known in; a WebSocket of a browser can only say it in its first message."""
        admit(context.connection.scope, context.connection_params)
        return UNSET

    async def run(self, request: Any, *more: Any, **given: Any) -> Any:
        """Answer one request; what strawberry refuses by itself gets a code too."""
        try:
            return await super().run(request, *more, **given)
        except HTTPException as error:
            raise BadQuery(error.reason) from error
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - strawberry passes it
    ) -> Asking:
        """Give each request its own loaders and position."""
        return Asking(request)

    def should_render_graphql_ide(self, request: Any) -> bool:
        """Tell whether a browser asks for the page; a question in the address is shown there, never run."""
        return request.method == "GET" and "text/html" in request.headers.get("accept", "")

    async def render_graphql_ide(self, request: Request) -> Response:
        """Show GraphiQL."""
        return HTMLResponse(graphiql.page(request.scope.get("root_path", "")), headers=graphiql.HEADERS)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Read the one question of a request; raises LineageError where there is none."""
        if request.method != "POST":
            raise MethodNotAllowed(
                "ask by POST, with the question as JSON; a browser gets GraphiQL at this address"
            )
        declared = (request.content_type or "").partition(";")[0].strip().lower()
        if declared != JSON:
            raise UnsupportedMediaType(
                f"a question is sent as {JSON}, not as {declared or 'nothing in particular'}"
            )
        question = read_question(await request.get_body())
        transport = self._get_stream_transport_from_headers(request.headers)
        return replace(question, protocol=transport.protocol) if transport else question

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Give every error its code; mask and count those that nobody foresaw."""
        if result.errors:
            context: Context = request.app.state.context
            result.errors = tell_all(result.errors, request_id_of(request.scope), context.metrics)
        return await super().process_result(request, result)

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """Say the position in a header too, as REST does."""
        answer = super().create_response(response_data, sub_response)
        more = response_data.get("extensions", {}) if isinstance(response_data, dict) else {}
        position = more.get("position")
        if position is not None:
            answer.headers[POSITION] = position
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """Read a message; whatever it is, it is read or refused."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """Write the answer; orjson is some twenty times faster on a big one than strawberry's json."""
        return to_json(data)


def read_question(body: str | bytes) -> GraphQLRequestData:
    """Read `{"query": ..., "variables": ..., "operationName": ...}`; raises BadJson or BadQuery."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadJson(f"the question is no JSON ({error}); send an object with `query`") from error
    if isinstance(asked, list):
        raise BadQuery("one request asks one document; ask for several things as fields of one document")
    if not isinstance(asked, dict):
        raise BadQuery("send an object with `query`, and `variables` where the query has some")
    query, variables = _member(asked, "query", str, "a text"), _member(asked, "variables", dict, "an object")
    if not query or not query.strip():
        raise BadQuery("there is no question: `query` is empty or missing")
    _member(asked, "extensions", dict, "an object")
    return GraphQLRequestData(
        query=query,
        variables=variables,
        operation_name=_member(asked, "operationName", str, "a text") or None,
        extensions=None,
    )


def _member(asked: dict[str, Any], name: str, kind: type, called: str) -> Any:
    value = asked.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadQuery(f"`{name}` has to be {called} or null")
    return value


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b"")) if message["type"] == "http.request" else 0
        if seen > BODY_BYTES_MAX:
            raise TooLarge(f"a GraphQL question has at most {BODY_BYTES_MAX} bytes", limit=BODY_BYTES_MAX)
        return message

    return counted
