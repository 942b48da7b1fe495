"""How are questions asked over plain HTTP, for scripts and for answers too big for GraphQL?

The same questions, names and codes as GraphQL, in snake_case. A parameter that nobody knows is refused: a
misspelled `as_of` would otherwise be answered as if it had not been given.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.http.waiting import POSITION, AskerLeft, caught_up, plus_as_blank, reading, released, while_connected
from graph_schema.errors import BadInput
from graph_schema.identity import dataset_key, job_key
from graph_schema.instants import parse_instant
from queries.details import read_details
from queries.export import export_blocks
from queries.limits import Limits
from queries.lineage import Question, lineage
from queries.nodes import read_node
from queries.results import NODE_KINDS

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context
    from app.settings import Settings
    from queries.walk import Direction

NAMING: Final = frozenset({"key", "namespace", "name", "kind"})
"""The parameters that `key_asked` reads."""
_WALKING: Final = NAMING | {
    "depth", "as_of", "seen_since", "granularity", "transformations", "kinds", "limit", "after", "totals",
    "consumers", "at_least", "known_at",
}  # fmt: skip
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


def limits_of(settings: Settings) -> Limits:
    """Give a question the limits that were set."""
    return Limits(
        depth_max=settings.depth_max,
        nodes_max=settings.nodes_max,
        page_max=settings.page_max,
        time_s=settings.question_timeout_s,
    )


async def upstream(request: Request) -> Response:
    """GET /api/v1/graph/upstream: what a key's data comes from."""
    return await typed(request, _walk, "upstream")


async def downstream(request: Request) -> Response:
    """GET /api/v1/graph/downstream: what a key's data goes into."""
    return await typed(request, _walk, "downstream")


async def node(request: Request) -> Response:
    """GET /api/v1/graph/node: one node; with `details=true` also what belongs to it."""
    return await typed(request, _node)


async def export(request: Request) -> Response:
    """GET /api/v1/export: the whole graph as ndjson."""
    return await typed(request, _export)


routes: Final = [
    Route("/api/v1/graph/upstream", upstream, methods=["GET"]),
    Route("/api/v1/graph/downstream", downstream, methods=["GET"]),
    Route("/api/v1/graph/node", node, methods=["GET"]),
    Route("/api/v1/export", export, methods=["GET"]),
]


async def typed(request: Request, answer: Callable[..., Awaitable[Response]], *more: Any) -> Response:
    """Answer, or stop when the asker has hung up; typed errors are told by the application's table."""
    try:
        return await answer(request, *more)
    except AskerLeft:
        return Response(status_code=499)  # nobody reads it; the number is what access logs call this
    finally:
        await released(request.scope)


async def _walk(request: Request, direction: Direction) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _WALKING)
    question = Question(
        of=key_asked(asked),
        direction=direction,
        depth=integer(asked, "depth"),
        as_of=instant(asked, "as_of"),
        seen_since=instant(asked, "seen_since"),
        granularity=asked.get("granularity", "DATASET").upper(),
        transformations=asked.get("transformations", "ALL").upper(),
        kinds=read_kinds(asked.get("kinds")),
        first=integer(asked, "limit", 200) or 0,
        after=asked.get("after") or None,
        totals=_flag(asked, "totals"),
        consumers=_flag(asked, "consumers"),
    )
    read = await reading(request)
    answering = lineage(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


async def _node(request: Request) -> Response:
    asked = parameters(request, NAMING | {"details", "at_least", "known_at"})
    read = await reading(request)
    found = await read_node(read.store, key_asked(asked))
    body: dict[str, Any] = msgspec.to_builtins(found)
    if _flag(asked, "details"):
        body |= msgspec.to_builtins(await read_details(read.store, found))
    position = read.projection.position
    return json_answer(msgspec.json.encode({**body, "position": position}), position)


async def _export(request: Request) -> Response:
    context: Context = request.app.state.context
    parameters(request, frozenset({"at_least"}))
    projection = await caught_up(request)
    blocks = export_blocks(context.store)
    first = await anext(blocks, b"")  # so that what fails at once is told as an error, not as a cut answer
    return StreamingResponse(
        _all(first, blocks), media_type="application/x-ndjson", headers={POSITION: projection.position}
    )


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in rest:
        yield block


def json_answer(body: bytes, position: str) -> Response:
    """Give a body of JSON, and in a header up to where it was projected."""
    return Response(body, media_type="application/json", headers={POSITION: position})


def parameters(request: Request, known: frozenset[str]) -> dict[str, str]:
    """Give the parameters of a question; raises BadInput where one is not known."""
    asked = dict(request.query_params)
    unknown = sorted(asked.keys() - known)
    if unknown:
        raise BadInput(
            f"there is no parameter {unknown[0]!r} here; there are {', '.join(sorted(known))}",
            parameter=unknown[0],
        )
    return asked


def key_asked(asked: dict[str, str]) -> str:
    """Take `key`, or `namespace` and `name` of a dataset (or of a job, with kind=job); raises BadInput."""
    if asked.get("key"):
        return asked["key"]
    if "namespace" not in asked or "name" not in asked:
        raise BadInput("say what about: key=dataset:..., or namespace= and name= (kind=job for a job)")
    kind = asked.get("kind", "dataset").lower()
    if kind not in {"dataset", "job"}:
        raise BadInput("namespace and name find a dataset or, with kind=job, a job", kind=kind)
    return (job_key if kind == "job" else dataset_key)(asked["namespace"], asked["name"])


def integer(asked: dict[str, str], name: str, default: int | None = None) -> int | None:
    """Read a whole number, if it was given; raises BadInput."""
    text = asked.get(name)
    if not text:
        return default
    if _INTEGER.fullmatch(text) is None:
        raise BadInput(f"{name} is a whole number of at most 18 digits, not {text[:60]!r}", parameter=name)
    return int(text)


def _flag(asked: dict[str, str], name: str) -> bool:
    text = asked.get(name, "false").lower()
    if text not in _WORDS:
        raise BadInput(f"{name} is true or false, not {text[:60]!r}", parameter=name)
    return _WORDS[text]


def instant(asked: dict[str, str], name: str) -> str | None:
    """Read a time, if it was given; raises BadInput."""
    text = asked.get(name)
    return read_instant(plus_as_blank(text), name) if text else None


def read_instant(text: str, name: str) -> str:
    """Read a time that somebody gave; raises BadInput."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise BadInput(f"{name}: {error}; write it like 2026-05-01T00:00:00Z", parameter=name) from error


def read_kinds(text: str | None) -> frozenset[str] | None:
    """Read a list of kinds, separated by commas; raises BadInput."""
    if not text:
        return None
    kinds = frozenset(kind.strip().upper() for kind in text.split(","))
    unknown = sorted(kinds - set(NODE_KINDS))
    if unknown:
        raise BadInput(f"there is no kind {unknown[0][:60]!r}; there are {', '.join(NODE_KINDS)}")
    return kinds
