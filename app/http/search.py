"""How is a search asked over plain HTTP? With the names of GraphQL, in snake_case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from app.http.questions import integer, limits_of, parameters, read_kinds
from app.http.waiting import POSITION, AskerLeft, caught_up, while_connected
from queries.search import ROWS_DEFAULT, Question
from queries.search import search as searching

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context

_KNOWN: Final = frozenset({"q", "kinds", "limit", "after", "at_least"})


async def search(request: Request) -> Response:
    """GET /api/v1/graph/search: what is called like a text, or has such a column, tag or owner."""
    context: Context = request.app.state.context
    asked = parameters(request, _KNOWN)
    question = Question(
        text=asked.get("q", ""),
        kinds=read_kinds(asked.get("kinds")),
        first=integer(asked, "limit", ROWS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    try:
        projection = await caught_up(request)
        answering = searching(context.store, question, limits_of(context.settings), projection=projection)
        found = await while_connected(request, answering)
    except AskerLeft:
        return Response(status_code=499)  # nobody reads it; the number is what access logs call this
    body = msgspec.json.encode(found)
    return Response(body, media_type="application/json", headers={POSITION: projection.position})


routes: Final = [Route("/api/v1/graph/search", search, methods=["GET"])]
