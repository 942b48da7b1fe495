"""Where does somebody read the schema of a facet of our own? At /facets/NAME.json, and all names at /facets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from app.errors import to_json
from graph_schema.errors import NodeNotFound
from graph_schema.facets import NAMES, schema_url, text

if TYPE_CHECKING:
    from starlette.requests import Request


async def facets(_: Request) -> Response:
    """GET /facets: each facet's name and the address that events give as its schema."""
    return Response(to_json({name: schema_url(name) for name in NAMES}), media_type="application/json")


async def facet(request: Request) -> Response:
    """GET /facets/NAME.json: the JSON Schema of one."""
    name = request.path_params["name"]
    if name not in NAMES:
        raise NodeNotFound(f"{name!r} is no facet of ours; /facets lists them", near=list(NAMES))
    return Response(text(name), media_type="application/schema+json")


routes: Final = [
    Route("/facets", facets, methods=["GET"]),
    Route("/facets/{name}.json", facet, methods=["GET"]),
]
