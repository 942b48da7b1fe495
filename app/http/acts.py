"""How does a person decide about a model version, and a release pipeline tell of a deployment, over plain HTTP?

Each call becomes one event at the door: 201 once it is on disk, 200 where the same was said before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from app.acts.asked import ActAsked, DeploymentAsked, read_asked
from app.acts.telling import tell_deployment
from app.http.body import read_body
from app.http.calling import caller_of
from app.http.door import count
from app.http.questions import integer, json_answer, limits_of, parameters, typed
from app.http.waiting import POSITION, reading, while_connected
from graph_schema.errors import BadInput
from queries.catalogue import VERSIONS_DEFAULT, CatalogueQuestion
from queries.catalogue import catalogue as find_catalogue

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.acts.deciding import ActDone, Deciding
    from app.acts.telling import DeploymentTold
    from app.context import Context

_ASKED: Final = frozenset({"model", "namespace", "version", "limit", "after", "at_least", "known_at"})


async def register(request: Request) -> Response:
    """POST /api/v1/catalogue/register: take a model version into the catalogue."""
    try:
        asked = read_asked(await _body(request), ActAsked)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    deciding: Deciding = request.app.state.deciding
    return _done(request, await deciding.register(asked, caller_of(request)))


async def state(request: Request) -> Response:
    """POST /api/v1/catalogue/state: say that a model version is in another state from now on."""
    try:
        asked = read_asked(await _body(request), ActAsked)
    except ClientDisconnect:
        return Response(status_code=400)
    deciding: Deciding = request.app.state.deciding
    return _done(request, await deciding.set_state(asked, caller_of(request)))


async def deployment(request: Request) -> Response:
    """POST /api/v1/deployments/events: what happened to a deployment."""
    try:
        asked = read_asked(await _body(request), DeploymentAsked)
    except ClientDisconnect:
        return Response(status_code=400)
    return _done(request, await tell_deployment(request.app.state.context, asked, caller_of(request)))


async def catalogue(request: Request) -> Response:
    """GET /api/v1/catalogue: what was decided about a model's versions, and what its registry says."""
    return await typed(request, _catalogue)


async def _catalogue(request: Request) -> Response:
    context: Context = request.app.state.context
    asked = parameters(request, _ASKED)
    if not asked.get("model"):
        raise BadInput("say which model: model=NAME, or its key; namespace= where several have the name")
    question = CatalogueQuestion(
        model=asked["model"],
        namespace=asked.get("namespace") or None,
        version=asked.get("version") or None,
        first=integer(asked, "limit", VERSIONS_DEFAULT) or 0,
        after=asked.get("after") or None,
    )
    read = await reading(request)
    answering = find_catalogue(read.store, question, limits_of(context.settings), projection=read.projection)
    answer = await while_connected(request, answering)
    return json_answer(msgspec.json.encode(answer), read.projection.position)


async def _body(request: Request) -> bytes:
    context: Context = request.app.state.context
    limit = context.settings.body_bytes_max
    return await read_body(request, bytes_max=limit, receiving=request.app.state.receiving)


def _done(request: Request, done: ActDone | DeploymentTold) -> Response:
    context: Context = request.app.state.context
    count(context, done.position, duplicate=done.duplicate)
    return Response(
        msgspec.json.encode(done),
        200 if done.duplicate else 201,
        {POSITION: done.position},
        media_type="application/json",
    )


routes: Final = [
    Route("/api/v1/catalogue", catalogue, methods=["GET"]),
    Route("/api/v1/catalogue/register", register, methods=["POST"]),
    Route("/api/v1/catalogue/state", state, methods=["POST"]),
    Route("/api/v1/deployments/events", deployment, methods=["POST"]),
]
