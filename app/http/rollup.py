"""How is asked over plain HTTP how the whole of a walk looks from further away?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.routing import Route

from app.http.questions import (
    NAMING,
    instant,
    integer,
    json_answer,
    key_asked,
    limits_of,
    parameters,
    read_kinds,
    typed,
)
from app.http.waiting import reading, while_connected
from graph_schema.errors import BadInput
from queries.rollup import GROUPS_DEFAULT, RollupQuestion
from queries.rollup import rollup as roll_up

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context

_ASKED: Final = NAMING | {
    "direction", "group_by", "depth", "as_of", "seen_since", "granularity", "hide_kinds", "ignore_as_hops", "limit",
    "after", "at_least", "known_at",
}  # fmt: skip


async def rollup(request: Request) -> Response:
    """GET /api/v1/graph/rollup: a walk in groups, with kinds hidden or ignored as hops."""
    return await typed(request, _rollup)


async def _rollup(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    if not asked.get("direction"):
        raise BadInput("say which way to walk: direction=upstream or direction=downstream")
    question = RollupQuestion(
        of=key_asked(asked),
        direction=asked["direction"].lower(),
        group_by=asked["group_by"].upper() if asked.get("group_by") else None,
        depth=integer(asked, "depth"),
        as_of=instant(asked, "as_of"),
        seen_since=instant(asked, "seen_since"),
        granularity=asked.get("granularity", "DATASET").upper(),
        hide_kinds=read_kinds(asked.get("hide_kinds")) or frozenset(),
        ignore_as_hops=read_kinds(asked.get("ignore_as_hops")) or frozenset(),
        first=integer(asked, "limit", GROUPS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = roll_up(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


routes: Final = [Route("/api/v1/graph/rollup", rollup, methods=["GET"])]
