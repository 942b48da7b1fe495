"""Who calls, and what does the journal keep of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.acts.telling import Caller

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection


def source_of(connection: HTTPConnection) -> str:
    """Say from whom an event came, as the journal keeps it."""
    caller = connection.scope.get("caller")
    return f"http:{caller.name}" if caller is not None and caller.name else "http"


def caller_of(connection: HTTPConnection) -> Caller:
    """Say who calls: by name only where auth knows one."""
    caller = connection.scope.get("caller")
    known = caller is not None and caller.named
    return Caller(caller.name if caller is not None and known else None, source_of(connection))
