"""What does somebody see who opens the address in a browser? The ways in, and what to do first."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_PAGE: Final = Path(__file__).with_name("landing.html")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


async def landing(request: Request) -> Response:
    """GET /: a page without scripts."""
    base = request.scope.get("root_path", "")
    address = str(request.base_url).rstrip("/")
    text = _PAGE.read_text("utf-8")
    filled = text.replace("{base}", escape(base)).replace("{address}", escape(address))
    return HTMLResponse(filled, headers=_HEADERS)


routes: Final = [Route("/", landing, methods=["GET"])]
