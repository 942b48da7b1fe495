"""How is a search asked over plain HTTP? With the names of GraphQL, in snake_case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from app.http.questions import integer, json_answer, limits_of, parameters, read_kinds, typed
from app.http.waiting import reading, while_connected
from queries.search import ROWS_DEFAULT, Question
from queries.search import search as searching

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context

_KNOWN: Final = frozenset({"q", "kinds", "limit", "after", "at_least", "known_at"})


async def search(request: Request) -> Response:
    """GET /api/v1/graph/search: what is called like a text, or has such a column, tag or owner."""
    return await typed(request, _search)


async def _search(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _KNOWN)
    question = Question(
        text=asked.get("q", ""),
        kinds=read_kinds(asked.get("kinds")),
        first=integer(asked, "limit", ROWS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = searching(read.store, question, limits_of(context.settings), projection=read.projection)
    found = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(found), read.projection.position)


routes: Final = [Route("/api/v1/graph/search", search, methods=["GET"])]
