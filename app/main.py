"""Which layers does a request pass, and which routes are there?

    Unforeseen -> Paths -> Gate -> routes: door, acts, health, questions, search, oddities, graphql, page, openapi, facets,
                                           marquez

`create_app` opens nothing: what it needs is in the context, made and closed by `app/serve.py`.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.acts.deciding import Deciding
from app.errors import to_json
from app.graphql.route import graphql_routes
from app.http import (
    acts,
    columns,
    diff,
    door,
    facets,
    health,
    history,
    models,
    oddities,
    openapi,
    paths,
    questions,
    rollup,
    run_events,
    search,
    webhooks,
)
from app.http.auth import Gate
from app.http.body import Receiving
from app.http.edge import Paths, Unforeseen
from app.marquez import route as marquez
from app.page import route as page
from app.watching import Watching
from graph_schema.errors import BadInput, LineageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from app.context import Context

CODES: Final = {404: "NO_SUCH_PATH", 405: "METHOD_NOT_ALLOWED"}


def create_app(context: Context) -> FastAPI:
    """Build the web application over an open context."""
    app = FastAPI(title="Headwater", openapi_url=None, redirect_slashes=False, lifespan=_while_serving)
    app.state.context = context
    app.state.watching = Watching(context.store, context.settings, context.metrics.subscriptions)
    app.state.deciding = Deciding(context)
    app.state.receiving = Receiving(context.settings.bodies_bytes_max)
    app.router.routes.extend([*door.routes, *health.routes, *questions.routes])
    app.router.routes.extend([*acts.routes, *models.routes])
    app.router.routes.extend([*paths.routes, *diff.routes, *columns.routes, *rollup.routes])
    app.router.routes.extend([*search.routes, *history.routes, *run_events.routes])
    app.router.routes.extend([*oddities.routes, *page.routes, *openapi.routes])
    app.router.routes.extend([*facets.routes, *webhooks.routes])
    app.router.routes.extend(graphql_routes(context.settings))
    app.router.routes.extend(marquez.routes)
    app.add_exception_handler(LineageError, _typed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    if context.settings.auth_on:
        app.add_middleware(Gate, settings=context.settings)
    app.add_middleware(Paths, base_path=context.settings.base_path)
    app.add_middleware(Unforeseen, metrics=context.metrics)
    return app


@asynccontextmanager
async def _while_serving(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    watching = asyncio.create_task(health.watch(context))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await app.state.watching.aclose()
        await context.inbox.close()


async def _typed(_: Request, error: Exception) -> Response:
    if not isinstance(error, LineageError):
        raise error
    return door.refusal(error)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = CODES.get(error.status_code, f"HTTP_{error.status_code}")
    message = f"{request.method} {request.url.path}: {error.detail}; the ways in are listed at /"
    body = to_json({"code": code, "message": message})
    return Response(body, error.status_code, error.headers, media_type="application/json")


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{"at": [str(part) for part in fault["loc"]], "says": fault["msg"]} for fault in error.errors()]
    first = f"{'.'.join(faults[0]['at'])}: {faults[0]['says']}" if faults else "unreadable"
    return door.refusal(
        BadInput(f"the question cannot be read ({first}); see /api/v1 in the docs", faults=faults)
    )
