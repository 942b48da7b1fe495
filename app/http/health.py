"""Is the server alive, is the graph caught up, and how is it doing?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response
from starlette.routing import Route

from app.errors import to_json
from graph_schema.errors import LineageError
from queries.projection import BLOCKED_NOTE, read_projection

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from app.context import Context
    from ingest.inbox import Journal
    from queries.store import GraphStore

WATCH_EVERY_S: Final = 0.2
"""How finely projection latency is timed; the graph is asked only while a sample is under way."""


async def healthz(_: Request) -> Response:
    """GET /healthz: the process answers. Asks nobody else, so that a slow engine gets no server restarted."""
    return Response(b'{"status":"alive"}', media_type="application/json")


async def readyz(request: Request) -> Response:
    """GET /readyz: 200 when the graph can be asked, 503 while it cannot."""
    context: Context = request.app.state.context
    state = await readiness(context)
    headers = {} if state["ready"] else {"Retry-After": "2"}
    return Response(to_json(state), 200 if state["ready"] else 503, headers, media_type="application/json")


async def metrics(request: Request) -> Response:
    """GET /metrics: Prometheus text; what the graph says is missing while it cannot be asked."""
    context: Context = request.app.state.context
    state = await readiness(context)
    series = context.metrics
    if state["journal_end"] is not None:
        series.journal_end.set(int(state["journal_end"]))
    series.projected.set(int(state["projected"]) if state["projected"] is not None else float("nan"))
    series.lag.set(state["lag"] if state["lag"] is not None else float("nan"))
    series.note_standings(context.standings())
    return Response(series.render(), media_type=CONTENT_TYPE_LATEST)


routes: Final = [
    Route("/healthz", healthz, methods=["GET"]),
    Route("/readyz", readyz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]


async def readiness(context: Context) -> dict[str, Any]:
    """Say how far the graph is behind the journal, and how the processes that this server keeps are."""
    answer = await progress(context.journal, context.store)
    children = context.children()
    pasts = context.pasts.status() if context.pasts is not None else []
    blocked = blocked_note(context.settings.home)
    return {
        **answer,
        **({"children": children} if children else {}),
        **({"pasts": pasts} if pasts else {}),
        **({"blocked": blocked} if blocked is not None else {}),
        **context.standings(),
    }


async def progress(journal: Journal, store: GraphStore) -> dict[str, Any]:
    """Say how far a graph is behind a journal; what cannot be asked is null, and `reason` says why."""
    answer: dict[str, Any] = {"ready": False, "lag": None, "journal_end": None, "projected": None}
    try:
        answer["journal_end"] = str(journal.end())
        projection = await read_projection(store)
        answer["projected"] = str(projection.cursor)
        answer["lag"] = journal.count_after(projection.cursor)
    except LineageError as error:
        return {**answer, "reason": {"code": error.code, "message": error.message}}
    if projection.journal not in {None, journal.id}:
        what = "the graph was made from another journal; rebuild it, or give the home it belongs to"
        return {**answer, "lag": None, "reason": {"code": "FOREIGN_STORE", "message": what}}
    if projection.rebuilding:
        return {**answer, "reason": {"code": "REBUILDING", "message": "the graph is being rebuilt"}}
    return {**answer, "ready": True}


def blocked_note(home: Path) -> dict[str, Any] | None:
    """Read why the projector cannot go on, if it says so."""
    try:
        told: dict[str, Any] = orjson.loads((home / BLOCKED_NOTE).read_bytes())
    except (OSError, ValueError):
        return None
    return told


async def watch(context: Context) -> None:
    """Time how long accepted events take into the graph, until cancelled."""
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        if not context.metrics.waiting_for_projection:
            continue
        try:
            projection = await read_projection(context.store)
        except LineageError:
            continue
        context.metrics.note_projected(projection.cursor)
