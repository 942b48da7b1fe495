"""How is asked over plain HTTP which events were accepted, in all and of a run?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from app.errors import to_json
from app.http.questions import integer, limits_of, parameters, typed
from app.http.waiting import POSITION, caught_up, while_connected
from graph_schema.errors import BadInput
from queries.limits import check_rows
from queries.received import AcceptedPage
from queries.results import PageInfo
from queries.run_events import ROWS_DEFAULT, RunEventQuestion
from queries.run_events import run_events as read_events

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context

EVENTS_DEFAULT: Final = 200
DIGITS_MAX: Final = 18
_ASKED: Final = frozenset({"key", "limit", "after", "at_least"})


async def run_events(request: Request) -> Response:
    """GET /api/v1/graph/run_events: a run's events as they came, by time."""
    return await typed(request, _run_events)


async def _run_events(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    if not asked.get("key"):
        raise BadInput("say which run: key=run:UUID, or its UUID alone")
    question = RunEventQuestion(
        run=asked["key"], first=integer(asked, "limit", ROWS_DEFAULT) or 0, after=asked.get("after") or None
    )
    projection = await caught_up(request)
    answering = read_events(
        context.store, context.run_events, question, limits_of(context.settings), projection=projection
    )
    answer = msgspec.to_builtins(await while_connected(request, answering))
    for event in answer["events"]:
        del event["order"]  # cursors hold it
    # What events hold may have no UTF-8 form, or integers of any size.
    return Response(to_json(answer), media_type="application/json", headers={POSITION: projection.position})


async def events(request: Request) -> Response:
    """GET /api/v1/events: all events in order of receipt; whoever goes on after a position misses none."""
    context: Context = request.app.state.context
    asked = parameters(request, frozenset({"limit", "after"}))
    limit = integer(asked, "limit", EVENTS_DEFAULT) or 0
    if limit < 1:
        raise BadInput("a page has 1 event or more", parameter="limit")
    check_rows(limit, context.settings.page_max, "events")
    after = asked.get("after") or "0"
    if not (after.isascii() and after.isdigit() and len(after) <= DIGITS_MAX):
        raise BadInput("after is a position, as answers give it", parameter="after")
    found = await asyncio.to_thread(context.run_events.accepted, after=int(after), limit=limit)
    end = str(context.journal.end())
    last = found[-1].position if found else None
    page = PageInfo(last is not None and int(last) < int(end), last)
    answer = msgspec.to_builtins(AcceptedPage(found, page, end))
    return Response(to_json(answer), media_type="application/json", headers={POSITION: end})


routes: Final = [
    Route("/api/v1/graph/run_events", run_events, methods=["GET"]),
    Route("/api/v1/events", events, methods=["GET"]),
]
