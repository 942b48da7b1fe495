"""Where is GraphQL asked, and what does a browser see there?

POST /graphql. A browser's GET shows GraphiQL, from files of ours alone: it works without the internet.
Queries by GET are off, so that a link with a query opens the page, and no page elsewhere can ask in its
visitor's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from strawberry.asgi import GraphQL

from app.errors import body_of, to_json
from app.graphql import graphiql
from app.graphql.asking import Asking
from app.graphql.limits import told
from app.graphql.schema import make_schema
from app.http.waiting import POSITION
from graph_schema.errors import TooLarge

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLHTTPResponse
    from strawberry.types import ExecutionResult

    from app.settings import Settings

BODY_BYTES_MAX: Final = 1024 * 1024
"""A question of 2,000 tokens with its variables is far smaller."""


def graphql_routes(settings: Settings) -> list[BaseRoute]:
    """Give the routes: the questions, and the page's files."""
    asking = Questions(make_schema(settings), allow_queries_via_get=False, subscription_protocols=())
    files = StaticFiles(directory=graphiql.FILES)
    return [Mount("/graphql/files", files), Route("/graphql", asking, methods=["GET", "POST"])]


class Questions(GraphQL[Asking, None]):
    """The ASGI application that answers GraphQL."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the body is too big."""
        try:
            await super().__call__(scope, _limited(receive), send)
        except TooLarge as error:
            body = to_json(body_of(error))
            await Response(body, 413, media_type="application/json")(scope, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 - strawberry passes it
    ) -> Asking:
        """Give each request its own loaders and position."""
        if not isinstance(request, Request):
            raise TypeError("there are no subscriptions here")
        return Asking(request)

    async def render_graphql_ide(self, request: Request) -> Response:
        """Show GraphiQL."""
        return HTMLResponse(graphiql.page(request.scope.get("root_path", "")), headers=graphiql.HEADERS)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Give every error its code; mask those that nobody foresaw."""
        if result.errors:
            result.errors = [told(error) for error in result.errors]
        return await super().process_result(request, result)

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """Say the position in a header too, as REST does."""
        answer = super().create_response(response_data, sub_response)
        more = response_data.get("extensions", {}) if isinstance(response_data, dict) else {}
        position = more.get("position")
        if position is not None:
            answer.headers[POSITION] = position
        return answer

    def encode_json(self, data: GraphQLHTTPResponse | Any) -> bytes:
        """Write the answer; orjson is some twenty times faster on a big one than strawberry's json."""
        return to_json(data)

    def decode_json(self, data: str | bytes) -> object:
        """Read the question."""
        return orjson.loads(data)


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
