"""How is asked over plain HTTP what changed between two instants, runs, datasets or model versions?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import instant, integer, json_answer, limits_of, parameters, typed
from app.http.waiting import reading, while_connected
from graph_schema.errors import BadInput
from queries.diff import DiffQuestion, SideAsked, read_direction
from queries.diff import diff as find_differences

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_ASKED: Final = frozenset(
    {
        "a",
        "b",
        "a_as_of",
        "b_as_of",
        "direction",
        "depth",
        "granularity",
        "limit",
        "after",
        "at_least",
        "known_at",
    }
)


async def diff(request: Request) -> Response:
    """GET /api/v1/graph/diff: what is on side b and not on side a, or not the same."""
    return await typed(request, _diff)


async def _diff(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    if not asked.get("a"):
        raise BadInput("say what to compare: a=KEY&b=KEY, or a=KEY&a_as_of=TIME for what changed since")
    question = DiffQuestion(
        before=SideAsked(asked["a"], instant(asked, "a_as_of")),
        after=SideAsked(asked.get("b") or asked["a"], instant(asked, "b_as_of")),
        direction=read_direction(asked.get("direction", "upstream")),
        depth=integer(asked, "depth"),
        granularity=asked.get("granularity", "DATASET").upper(),
        first=integer(asked, "limit", 200) or 0,
        after_cursor=asked.get("after") or None,
    )
    read = await reading(request)
    answering = find_differences(
        read.store, question, limits_of(context.settings), projection=read.projection
    )
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


routes: Final = [Route("/api/v1/graph/diff", diff, methods=["GET"])]
