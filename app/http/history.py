"""How is asked over plain HTTP what a dataset was made of, from when to when?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import NAMING, integer, json_answer, key_asked, limits_of, parameters, typed
from app.http.waiting import reading, while_connected
from queries.history import ROWS_DEFAULT, HistoryQuestion
from queries.history import history as find_history

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_ASKED: Final = NAMING | {"source", "limit", "after", "at_least", "known_at"}


async def history(request: Request) -> Response:
    """GET /api/v1/graph/history: every interval of the edges into a dataset, and what happened to its name."""
    return await typed(request, _history)


async def _history(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    question = HistoryQuestion(
        of=key_asked(asked),
        source=asked.get("source") or None,
        first=integer(asked, "limit", ROWS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = find_history(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


routes: Final = [Route("/api/v1/graph/history", history, methods=["GET"])]
