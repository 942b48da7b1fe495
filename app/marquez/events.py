"""How does Marquez list events?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.questions import read_instant
from app.http.waiting import caught_up, plus_as_blank, while_connected
from app.marquez.answers import Events
from app.marquez.asking import answer, check_now, choice, cut_by, page_asked
from queries.marquez.events import AFTER_DEFAULT, BEFORE_DEFAULT, Window, read_events

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.context import Context


async def get_events(request: Request) -> Response:
    """GET /events/lineage?before=&after=&sortDirection=&limit=&offset=."""
    context: Context = request.app.state.context
    check_now(request)
    page, limits = page_asked(request)
    window = Window(
        after=_instant(request, "after", AFTER_DEFAULT),
        before=_instant(request, "before", BEFORE_DEFAULT),
        newest_first=choice(request, "sortDirection", ("ASC", "DESC")) != "ASC",
    )
    projection = await caught_up(request)
    asking = read_events(context.event_times, window, page, projection=projection)
    found = await while_connected(request, asking)
    cut = [*cut_by(limits, page, found.count), *(["bytes"] if found.cut else [])]
    body = Events(events=found.bodies, total_count=found.count)
    return answer(body, projection.position, cut)


def _instant(request: Request, name: str, default: str) -> str:
    text = request.query_params.get(name)
    return read_instant(plus_as_blank(text), name) if text else default
