"""Where do programs read what can be asked? At /openapi.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from app.openapi.document import document

if TYPE_CHECKING:
    from starlette.requests import Request


async def openapi(request: Request) -> Response:
    """GET /openapi.json: every operation of plain HTTP, with examples."""
    return Response(document(request.scope.get("root_path", "")), media_type="application/json")


routes: Final = [Route("/openapi.json", openapi, methods=["GET"])]
