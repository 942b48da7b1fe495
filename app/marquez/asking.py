"""How are Marquez's parameters read, and how is an answer of its shape sent?

A parameter that nobody knows is passed over, as Marquez does: its clients send some. One that cannot be used is 400.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from app.errors import to_json
from app.http.waiting import KNOWN_AT, POSITION
from graph_schema.errors import BadInput, NotSupported
from graph_schema.secrets import redacted
from queries.marquez.catalog import Page
from queries.marquez.shapes import Shape

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.context import Context
    from app.settings import Settings

CUT: Final = "X-Headwater-Truncated-By"
"""Names the limits that cut an answer; an answer without it is the whole one."""
LIMIT_DEFAULT: Final = 100
TOLD_MAX: Final = 1_000
"""Rows of one page that are told whole, with facets and runs: each is some 10 kB."""
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


def settings_of(request: Request) -> Settings:
    """Give the settings of the server that is asked."""
    context: Context = request.app.state.context
    return context.settings


def number(request: Request, name: str, default: int) -> int:
    """Read a whole number from 0 on; raises BadInput."""
    text = request.query_params.get(name)
    if not text:
        return default
    if _INTEGER.fullmatch(text) is None or int(text) < 0:
        raise BadInput(f"{name} is a whole number from 0 on, not {text[:60]!r}", parameter=name)
    return int(text)


def flag(request: Request, name: str) -> bool:
    """Read true or false; false where it is not given; raises BadInput."""
    text = request.query_params.get(name, "").lower()
    if text and text not in _WORDS:
        raise BadInput(f"{name} is true or false, not {text[:60]!r}", parameter=name)
    return _WORDS.get(text, False)


def choice(request: Request, name: str, known: Sequence[str]) -> str | None:
    """Read one of some words, in any case; raises BadInput."""
    text = request.query_params.get(name, "").upper()
    if text and text not in known:
        raise BadInput(f"{name} is one of {', '.join(known)}, not {text[:60]!r}", parameter=name)
    return text or None


def page_asked(
    request: Request, default: int = LIMIT_DEFAULT, *, most: int | None = None
) -> tuple[Page, list[str]]:
    """Read which rows are asked for: no more than one page may hold; and which limit that is, where more were asked for."""
    limit = number(request, "limit", default)
    most = min(settings_of(request).page_max, most or limit)
    return Page(min(limit, most), number(request, "offset", 0)), (["limit"] if limit > most else [])


def answer(body: Shape, position: str, cut: Sequence[str] = ()) -> Response:
    """Send an answer: what cut it stands in a header and in `truncatedBy`, which is there only then."""
    said: dict[str, Any] = redacted(msgspec.to_builtins(body))
    headers = {POSITION: position}
    if cut:
        headers[CUT] = ", ".join(cut)
        said["truncatedBy"] = list(cut)
    return Response(to_json(said), media_type="application/json", headers=headers)


def check_now(request: Request) -> None:
    """Refuse a question about a past where only the present is known; raises NotSupported."""
    if request.query_params.get(KNOWN_AT):
        raise NotSupported("events are told as they are known now; ask without known_at")


def cut_by(limits: Sequence[str], page: Page, count: int) -> Sequence[str]:
    """Say which limit cut a list: none did where nothing lies behind the page."""
    return limits if page.end < count else ()
