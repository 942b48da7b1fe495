"""What should a person look into? Refused bodies, events set aside, run ids that clash, groups that were not merged, and
what the Marquez behind refused.

One list per kind, in pages; an answer that was cut says so in `page_info`. Bodies are not shown: they may hold secrets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from app.http.questions import integer, parameters
from app.http.waiting import POSITION, caught_up
from graph_schema.errors import BadInput, LimitExceeded
from queries.cursors import decode_cursor, encode_cursor
from queries.oddities import read_job_clashes, read_unmerged_groups
from queries.results import ODDITY_KINDS

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context
    from queries.store import GraphStore

Row = dict[str, Any]
Position = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

IN_THE_GRAPH: Final[dict[str, tuple[Callable[..., Awaitable[list[Any]]], str]]] = {
    "job_clash": (read_job_clashes, "run"),
    "symlink_group_too_big": (read_unmerged_groups, "first"),
}
IN_THE_JOURNAL: Final = {"rejected": "rejected", "set_aside": "set-aside"}
FORWARD_REFUSED: Final = "forward_refused"
ROWS_DEFAULT: Final = 200
READ_BYTES_MAX: Final = 8 * 1024 * 1024
"""Bodies come with their records; a page ends early where they are long."""


async def oddities(request: Request) -> Response:
    """GET /api/v1/oddities: one kind's list, by position or by key."""
    context: Context = request.app.state.context
    asked = parameters(request, frozenset({"kind", "limit", "after", "at_least"}))
    kind = asked.get("kind", "").lower().replace("-", "_")
    if kind not in ODDITY_KINDS:
        raise BadInput(f"say which kind: {', '.join(ODDITY_KINDS)}", parameter="kind")
    limit = _rows_asked(asked, context.settings.page_max)
    after = asked.get("after", "")
    if kind in IN_THE_GRAPH:
        position = (await caught_up(request)).position
        rows, page = await _of_graph(context.store, kind, after, limit)
    else:
        position = str(context.journal.end())
        read = _of_forwarder if kind == FORWARD_REFUSED else _of_journal
        rows, page = await asyncio.to_thread(read, context, kind, after, limit)
    body = msgspec.json.encode({"kind": kind, "oddities": rows, "page_info": page, "position": position})
    return Response(body, media_type="application/json", headers={POSITION: position})


routes: Final = [Route("/api/v1/oddities", oddities, methods=["GET"])]


def _rows_asked(asked: dict[str, str], most: int) -> int:
    limit = integer(asked, "limit", ROWS_DEFAULT) or 0
    if limit < 1:
        raise BadInput("a page has 1 row or more", parameter="limit")
    if limit > most:
        msg = f"a page has at most {most} rows; ask for fewer and go on with `after`"
        raise LimitExceeded(msg, limit=most, asked=limit)
    return limit


async def _of_graph(store: GraphStore, kind: str, after: str, limit: int) -> tuple[list[Row], Row]:
    read, member = IN_THE_GRAPH[kind]
    last = decode_cursor(after, ["oddities", kind], tuple[str])[0] if after else ""
    found: list[Row] = msgspec.to_builtins(await read(store, after=last, limit=limit + 1))
    rows = found[:limit]
    return rows, _page(kind, rows[-1][member] if rows else None, more=len(found) > limit)


def _page(kind: str, last: str | int | None, *, more: bool) -> Row:
    end = None if last is None else encode_cursor(["oddities", kind], (last,))
    return {"has_next_page": more, "end_cursor": end}


def _of_journal(context: Context, kind: str, after: str, limit: int) -> tuple[list[Row], Row]:
    journal, recorded = context.journal, IN_THE_JOURNAL[kind]
    last = decode_cursor(after, ["oddities", kind], tuple[Position])[0] if after else 0
    found = journal.read_after(last, limit, kind=recorded, bytes_max=READ_BYTES_MAX)
    rows = [
        {
            "position": str(one.position),
            "received_at": one.received_at,
            "source": one.source,
            **({"bytes": len(one.body)} if kind == "rejected" else {"id": one.body.hex()}),
            **_reason(one.reason or ""),
        }
        for one in found
    ]
    end = found[-1].position if found else None
    more = end is not None and bool(journal.read_after(end, 1, kind=recorded, bytes_max=1))
    return rows, _page(kind, end, more=more)


def _of_forwarder(context: Context, kind: str, after: str, limit: int) -> tuple[list[Row], Row]:
    last = decode_cursor(after, ["oddities", kind], tuple[Position])[0] if after else 0
    found: list[Row] = msgspec.to_builtins(context.refusals(last, limit + 1))
    rows = found[:limit]
    return rows, _page(kind, int(rows[-1]["position"]) if rows else None, more=len(found) > limit)


def _reason(text: str) -> Row:
    """Give code, message and pointer of a refusal; what set an event aside is a message alone."""
    with suppress(ValueError):
        read = json.loads(text)
        if isinstance(read, dict):
            return {name: read.get(name, "") for name in ("code", "message", "pointer")}
    return {"message": text}
