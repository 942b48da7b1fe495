"""How does Marquez list tags and sources?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.waiting import reading, while_connected
from app.marquez.answers import Sources, Tags
from app.marquez.asking import answer, cut_by, page_asked
from graph_schema.errors import NodeNotFound
from queries.marquez.beside import read_sources, read_tags

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def get_tags(request: Request) -> Response:
    """GET /tags."""
    page, limits = page_asked(request)
    read = await reading(request)
    found = await while_connected(request, read_tags(read.store))
    cut = cut_by(limits, page, len(found))
    return answer(Tags(tags=found[page.offset : page.end]), read.projection.position, cut)


async def get_sources(request: Request) -> Response:
    """GET /sources."""
    page, limits = page_asked(request)
    read = await reading(request)
    found, whole = await while_connected(request, read_sources(read.store))
    cut = [*cut_by(limits, page, len(found)), *([] if whole else ["datasets"])]
    return answer(Sources(sources=found[page.offset : page.end]), read.projection.position, cut)


async def get_source(request: Request) -> Response:
    """GET /sources/{source}."""
    name = request.path_params["source"]
    read = await reading(request)
    found, whole = await while_connected(request, read_sources(read.store))
    for one in found:
        if one.name == name:
            return answer(one, read.projection.position, [] if whole else ["datasets"])
    raise NodeNotFound(f"Source '{name[:300]}' not found.", source=name[:300])
