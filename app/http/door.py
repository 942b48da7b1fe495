"""How do OpenLineage clients hand over their events?

Clients give an event up for good at 4xx, send it six times at 5xx, follow a 301 as a GET without body, and
need 200 or 201 with a JSON body. So: 201 once the event is on disk, 200 when it was there already, 4xx only
for what no retry can mend, and 503 with Retry-After for all that can pass.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from app.errors import body_of, headers_of, row_of, to_json
from app.http.body import BadGzip, read_body
from app.http.calling import source_of
from graph_schema.errors import JournalUnavailable, LineageError
from ingest.inbox import Accepted, is_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from app.context import Context

WARNINGS_MAX: Final = 100
"""Warnings told in one answer; a broken producer could otherwise be sent back more than it sent."""


async def post_event(request: Request) -> Response:
    """POST /api/v1/lineage: one event, or an array of them."""
    return await _post(request, many=False)


async def post_batch(request: Request) -> Response:
    """POST /api/v1/lineage/batch: an array of events; one event alone is a batch of one."""
    return await _post(request, many=True)


routes: Final = [
    Route("/api/v1/lineage", post_event, methods=["POST"]),
    Route("/api/v1/lineage/batch", post_batch, methods=["POST"]),
]


async def _post(request: Request, *, many: bool) -> Response:
    context: Context = request.app.state.context
    began = time.perf_counter()
    try:
        answer = await _take(request, context, many=many)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except LineageError as error:
        answer = refusal(error)
        counter = (
            context.metrics.unavailable if isinstance(error, JournalUnavailable) else context.metrics.rejected
        )
        counter.labels(error.code).inc()
    context.metrics.accept_seconds.observe(time.perf_counter() - began)
    return answer


async def _take(request: Request, context: Context, *, many: bool) -> Response:
    source = source_of(request)
    limit = context.settings.body_bytes_max
    try:
        raw = await read_body(request, bytes_max=limit, receiving=request.app.state.receiving)
    except BadGzip as error:
        await context.inbox.refuse(error.received, error, source)
        raise
    if many or is_array(raw):
        items = await context.inbox.accept_many(raw, source)
        _count(context, items)
        return _json(_batch_answer(items, context), 200)
    accepted = await context.inbox.accept(raw, source)
    _count(context, [accepted])
    return _json(_event_answer(accepted), 200 if accepted.duplicate else 201)


def refusal(error: LineageError) -> Response:
    """Answer with a typed error by the table."""
    return Response(
        to_json(body_of(error)), row_of(error).status, headers_of(error), media_type="application/json"
    )


def count(context: Context, position: str, *, duplicate: bool) -> None:
    """Count an event that did not come as one: an act, or what was told of a deployment."""
    if duplicate:
        context.metrics.duplicates.inc()
    else:
        context.metrics.accepted.inc()
        context.metrics.sample(int(position))


def _count(context: Context, items: Sequence[Accepted | LineageError]) -> None:
    fresh = duplicates = last = 0
    for item in items:
        if isinstance(item, LineageError):
            context.metrics.rejected.labels(item.code).inc()
        elif item.duplicate:
            duplicates += 1
        else:
            fresh += 1
            last = int(item.position)
    if duplicates:
        context.metrics.duplicates.inc(duplicates)
    if fresh:
        context.metrics.accepted.inc(fresh)
        context.metrics.sample(last)


def _event_answer(accepted: Accepted) -> dict[str, Any]:
    return {
        "position": accepted.position,
        "id": accepted.id,
        "duplicate": accepted.duplicate,
        "warnings": _told([{"code": code, "pointer": pointer} for code, pointer in accepted.warnings]),
    }


def _batch_answer(items: Sequence[Accepted | LineageError], context: Context) -> dict[str, Any]:
    accepted = [item for item in items if isinstance(item, Accepted)]
    failed = [(index, item) for index, item in enumerate(items) if isinstance(item, LineageError)]
    # Without any accepted event the end of the journal: a read that asks for it misses nothing.
    position = max((int(one.position) for one in accepted), default=None)
    return {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": len(items),
            "successful": len(accepted),
            "failed": len(failed),
            "retriable": 0,
            "non_retriable": len(failed),
            "duplicates": sum(1 for one in accepted if one.duplicate),
        },
        "failed_events": [
            {"index": index, "reason": error.message, "retriable": False, "code": error.code,
             "pointer": error.values.get("pointer", "")}
            for index, error in failed
        ],
        "position": str(context.journal.end() if position is None else position),
        "warnings": _told(
            [
                {"index": index, "code": code, "pointer": pointer}
                for index, item in enumerate(items)
                if isinstance(item, Accepted)
                for code, pointer in item.warnings
            ]
        ),
    }  # fmt: skip


def _told(warnings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(warnings) <= WARNINGS_MAX:
        return warnings
    return [
        *warnings[:WARNINGS_MAX],
        {"code": "MORE_WARNINGS", "pointer": "", "count": len(warnings) - WARNINGS_MAX},
    ]


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(to_json(body), status, media_type="application/json")
