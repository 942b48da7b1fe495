"""What does somebody see who opens the address in a browser? The ways in, and what to do first."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.page.first import first_lines

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
    first = "\n".join(map(_command, first_lines(address)))
    text = _PAGE.read_text("utf-8").replace("{base}", escape(base))
    filled = text.replace("{address}", escape(address)).replace("{first}", first)
    return HTMLResponse(filled, headers=_HEADERS)


def _command(line: str) -> str:
    """Show a command so that it wraps between words alone, never inside `--server`."""
    words = " ".join(f"<span>{escape(word)}</span>" for word in line.split())
    return f"<code>{words}</code>"


routes: Final = [Route("/", landing, methods=["GET"])]
