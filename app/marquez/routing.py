"""Which of Marquez's paths does a request mean, and what is it told when it cannot be answered?

Names come escaped, slashes and all: `/namespaces/s3%3A%2F%2Fbucket/datasets/a%2Fb`. The path that frameworks give has lost
what was escaped, so the one that was sent is read here. Gateways that unescape it are forgiven: where no path
fits, names may hold slashes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound

from app.errors import body_of, headers_of, row_of, to_json
from app.http.questions import typed
from graph_schema.errors import LineageError

if TYPE_CHECKING:
    from starlette.datastructures import URLPath
    from starlette.types import Receive, Scope, Send

Answering = Callable[[Request], Awaitable[Response]]
API: Final = "/api/v1"
_NAME: Final = re.compile(r"\{(\w+)\}")
_READ: Final = frozenset({"GET", "HEAD"})
_FOUND: Final = "headwater.marquez"


@dataclass(frozen=True, slots=True)
class Path:
    """A path of Marquez's, and what answers a GET of it; None where Marquez only writes there."""

    pattern: str
    answer: Answering | None
    says: str = ""
    gives: Any = None
    """The type of what is answered."""
    parameters: tuple[str, ...] = ()
    """Names in `app.marquez.openapi.PARAMETERS`; those that must be given end in `!`."""
    is_door: bool = False
    """Whether events are posted there, to the door."""

    def match(self, path: str, *, loose: bool) -> dict[str, str] | None:
        """Give the names in a path as it was sent, unescaped; None where it is another path."""
        names = ".+" if loose else "[^/]+"
        text = _NAME.sub(lambda name: f"(?P<{name[1]}>{names})", self.pattern)
        found = re.fullmatch(text, path, re.DOTALL)
        return None if found is None else {name: _unescaped(part) for name, part in found.groupdict().items()}


def _unescaped(part: str) -> str:
    return unquote_to_bytes(part).decode("utf-8", "replace")


class Speaking(BaseRoute):
    """All of Marquez's paths as one route."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Remember the paths, in the order in which they are tried."""
        self._paths = paths

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is for one of the paths, whatever its method."""
        if scope["type"] != "http":
            return Match.NONE, {}
        sent = _sent(scope)
        for loose in (False, True):
            for path in self._paths:
                names = path.match(sent, loose=loose)
                if names is not None:
                    return Match.FULL, {"path_params": names, "endpoint": path.answer, _FOUND: path}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET; say to all else what to do instead."""
        path: Path = scope[_FOUND]
        if path.answer is None or scope["method"] not in _READ:
            response = _read_only(scope["method"], path)
        else:
            response = await _answered(Request(scope, receive, send), path.answer)
        await response(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Say that these routes have no names."""
        raise NoMatchFound(name, path_params)


def _sent(scope: Scope) -> str:
    """Give the path as it was sent, without the base path and a slash at the end."""
    raw = scope.get("raw_path")
    path: str = scope["path"] if raw is None else raw.decode("ascii", "replace").partition("?")[0]
    base: str = scope.get("root_path", "")
    if base and path.startswith(f"{base}/"):
        path = path[len(base) :]
    return path.rstrip("/")


async def _answered(request: Request, answer: Answering) -> Response:
    try:
        return await typed(request, answer)
    except LineageError as error:
        return refused(error)


def refused(error: LineageError) -> Response:
    """Tell an error in Marquez's form: the status as a number, the message; and our code, and what it speaks of."""
    status = row_of(error).status
    said = body_of(error)
    body = {**said, "code": status, "message": error.message, "error": error.code}
    return Response(to_json(body), status, headers_of(error), media_type="application/json")


def _read_only(method: str, path: Path) -> Response:
    message = (
        f"{method} {path.pattern}: this is the reading side of Marquez's API; what datasets, jobs, runs and tags there are "
        f"follows from events, so send an OpenLineage event to POST {API}/lineage instead"
    )
    body = {"code": 405, "message": message, "error": "METHOD_NOT_ALLOWED"}
    allowed = (*(("GET", "HEAD") if path.answer is not None else ()), *(("POST",) if path.is_door else ()))
    return Response(to_json(body), 405, {"Allow": ", ".join(allowed)}, media_type="application/json")
