"""How does Marquez list namespaces?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.http.waiting import reading, while_connected
from app.marquez.answers import Namespaces
from app.marquez.asking import answer, cut_by, page_asked
from queries.marquez.catalog import read_namespace, read_namespaces

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def list_namespaces(request: Request) -> Response:
    """GET /namespaces."""
    page, limits = page_asked(request)
    read = await reading(request)
    found = await while_connected(request, read_namespaces(read.store))
    cut = cut_by(limits, page, len(found))
    return answer(Namespaces(namespaces=found[page.offset : page.end]), read.projection.position, cut)


async def get_namespace(request: Request) -> Response:
    """GET /namespaces/{namespace}."""
    read = await reading(request)
    found = await while_connected(request, read_namespace(read.store, request.path_params["namespace"]))
    return answer(found, read.projection.position)
