"""How does Marquez search?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.http.questions import limits_of
from app.http.waiting import reading, while_connected
from app.marquez.answers import SearchResults
from app.marquez.asking import answer, choice, page_asked, settings_of
from graph_schema.errors import BadInput, StoreUnavailable
from graph_schema.instants import parse_instant
from queries.marquez.search import LIMIT_DEFAULT, SORTS, Question, search

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


async def get_search(request: Request) -> Response:
    """GET /search?q=&filter=&sort=&limit=&namespace=&before=&after=."""
    page, limits = page_asked(request, LIMIT_DEFAULT)
    question = Question(
        text=request.query_params.get("q", ""),
        only=choice(request, "filter", ("DATASET", "JOB")),
        namespace=request.query_params.get("namespace") or None,
        before=_day(request, "before"),
        after=_day(request, "after"),
        sort=choice(request, "sort", SORTS),
        limit=page.limit,
    )
    read = await reading(request)
    asking = search(read.store, question, limits_of(settings_of(request)), projection=read.projection)
    found, count, cut = await while_connected(request, asking)
    cut = [*(limits if count > page.limit else []), *cut]
    return answer(SearchResults(results=found, total_count=count), read.projection.position, cut)


def _day(request: Request, name: str) -> str | None:
    """Read a day, as the instant at which it begins; raises BadInput."""
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return parse_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except ValueError as error:
        raise BadInput(f"{name} is a day such as 2026-05-01, not {text[:60]!r}", parameter=name) from error


async def get_beta(request: Request) -> Response:  # noqa: ARG001 - it is asked in vain, whatever it says
    """GET /api/v2beta/search/...: Marquez's OpenSearch, which it answers so where there is none."""
    raise StoreUnavailable("there is no OpenSearch here; ask GET /api/v1/search?q=")
