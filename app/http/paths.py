"""How is asked over plain HTTP which paths lead from one thing to another?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import instant, integer, json_answer, limits_of, parameters, typed
from app.http.waiting import reading, while_connected
from graph_schema.errors import BadInput
from queries.paths import PathQuestion
from queries.paths import paths as find_paths

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_ASKED: Final = frozenset(
    {"from", "to", "as_of", "granularity", "transformations", "limit", "at_least", "known_at"}
)


async def paths(request: Request) -> Response:
    """GET /api/v1/graph/paths: the nearest paths from one key to another, and how many there are."""
    return await typed(request, _paths)


async def _paths(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    if not asked.get("from") or not asked.get("to"):
        raise BadInput("say from where to where: from=KEY&to=KEY")
    question = PathQuestion(
        source=asked["from"],
        target=asked["to"],
        as_of=instant(asked, "as_of"),
        granularity=asked.get("granularity", "DATASET").upper(),
        transformations=asked.get("transformations", "ALL").upper(),
        first=integer(asked, "limit", 10) or 0,
    )
    read = await reading(request)
    answering = find_paths(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


routes: Final = [Route("/api/v1/graph/paths", paths, methods=["GET"])]
