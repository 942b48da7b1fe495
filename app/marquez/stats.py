"""How does Marquez count events, jobs, datasets and sources over a day or a week?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from app.errors import to_json
from app.http.waiting import POSITION, Reading, caught_up, reading, while_connected
from app.marquez.asking import CUT, check_now, choice
from graph_schema.errors import BadInput
from graph_schema.instants import now
from queries.marquez.beside import read_sources
from queries.marquez.stats import PERIODS, Interval, count_events, count_named, count_sources, intervals

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context
    from queries.marquez.shapes import Count, Shape


async def get_events(request: Request) -> Response:
    """GET /stats/lineage-events?period=&timezone=."""
    context: Context = request.app.state.context
    check_now(request)
    spans = _spans(request, now())
    projection = await caught_up(request)
    asking = count_events(context.event_times, spans, projection=projection)
    return _told(await while_connected(request, asking), projection.position)


async def get_jobs(request: Request) -> Response:
    """GET /stats/jobs?period=&timezone=."""
    return await _named(request, "job")


async def get_datasets(request: Request) -> Response:
    """GET /stats/datasets?period=&timezone=."""
    return await _named(request, "dataset")


async def _named(request: Request, kind: str) -> Response:
    read = await reading(request)
    asking = count_named(read.store, kind, _spans(request, read.now))
    return _told(await while_connected(request, asking), read.projection.position)


async def get_sources(request: Request) -> Response:
    """GET /stats/sources?period=&timezone=."""
    read = await reading(request)
    found, whole = await while_connected(request, _sources(read, _spans(request, read.now)))
    return _told(found, read.projection.position, [] if whole else ["datasets"])


async def _sources(read: Reading, spans: Sequence[Interval]) -> tuple[list[Count], bool]:
    sources, whole = await read_sources(read.store)
    return count_sources(sources, spans), whole


def _spans(request: Request, at: str) -> list[Interval]:
    period = choice(request, "period", PERIODS)
    if period is None:
        raise BadInput("say how long: period=DAY or period=WEEK", parameter="period")
    return intervals(period, request.query_params.get("timezone"), at)


def _told(counts: Sequence[Shape], position: str, cut: Sequence[str] = ()) -> Response:
    """Send a list, as Marquez has it here: what cut it stands in the header alone."""
    headers = {POSITION: position, **({CUT: ", ".join(cut)} if cut else {})}
    return Response(to_json(msgspec.to_builtins(counts)), media_type="application/json", headers=headers)
