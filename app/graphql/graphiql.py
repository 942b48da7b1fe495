"""What does a browser get at /graphql? GraphiQL, all of it from files beside this module (see NOTICE)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

FILES: Final = Path(__file__).with_name("files")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page(base_path: str) -> str:
    """Give the page under a base path."""
    return (FILES / "graphiql.html").read_text("utf-8").replace("{base}", escape(base_path))
