"""What does each failure look like from outside: HTTP status, exit code, body?

One row per error class, found by its code. A code that stands in no row (EventRejected has many) takes the
row of its class. 503 rows say after how many seconds to ask again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import orjson

from graph_schema.errors import LineageError

FINE: Final = 0
FOUND: Final = 1
WRONG_USE: Final = 2
UNAVAILABLE: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """How one code is told: over HTTP, as the exit code of a command, and in docs/api.md.

    `then` is what whoever reads it does next; what only commands say is never `over_http`.
    """

    status: int
    exit: int
    then: str
    retry_after_s: int | None = None
    over_http: bool = True


ROWS: Final[dict[str, Row]] = {
    "INTERNAL": Row(500, UNAVAILABLE, "look for `request_id` in the server's log; it is a bug"),
    "BAD_INPUT": Row(400, WRONG_USE, "mend the argument the message names"),
    "BAD_KEY": Row(400, WRONG_USE, "write `kind:namespace:name`, escaped as keys are"),
    "BAD_QUERY": Row(400, WRONG_USE, "mend the document at `locations`, or the request as the message says"),
    "NOT_FOUND": Row(404, WRONG_USE, "take a key from `near`; names are exact"),
    "NOT_SUPPORTED": Row(400, WRONG_USE, "ask with a granularity that the message names"),
    "IMPOSSIBLE_ACT": Row(409, WRONG_USE, "take a state of `allowed` first, or force it with a reason"),
    "ID_TAKEN": Row(409, WRONG_USE, "give an id of its own, or none; what was said under it stands"),
    "BAD_JSON": Row(400, WRONG_USE, "send JSON; what came as an event was kept as rejected"),
    "BAD_GZIP": Row(400, WRONG_USE, "send the gzip stream whole; the body was kept as rejected"),
    "EVENT_REJECTED": Row(422, WRONG_USE, "mend the part at `pointer`; the body was kept as rejected"),
    "METHOD_NOT_ALLOWED": Row(405, WRONG_USE, "use the method that `Allow` names"),
    "UNSUPPORTED_MEDIA_TYPE": Row(415, WRONG_USE, "send `Content-Type: application/json`"),
    "TOO_LARGE": Row(413, WRONG_USE, "send fewer events at once, or raise the limit"),
    "UNAUTHORIZED": Row(401, WRONG_USE, "send a valid API key or token"),
    "LIMIT_EXCEEDED": Row(400, WRONG_USE, "ask for less, or go on page by page"),
    "TIMED_OUT": Row(504, UNAVAILABLE, "ask with a smaller depth or page"),
    "NOT_CAUGHT_UP": Row(503, UNAVAILABLE, "ask again; `/readyz` says the lag", retry_after_s=1),
    "REBUILDING": Row(503, UNAVAILABLE, "ask again when `/readyz` answers 200", retry_after_s=5),
    "PREPARING": Row(503, UNAVAILABLE, "ask again; the graph as it was then is being made", retry_after_s=2),
    "JOURNAL_UNAVAILABLE": Row(503, UNAVAILABLE, "send again; nothing was accepted", retry_after_s=2),
    "OVERLOADED": Row(503, UNAVAILABLE, "send again; nothing was accepted", retry_after_s=1),
    "TOO_MANY_SUBSCRIPTIONS": Row(
        503, UNAVAILABLE, "end one, or try later; see `HEADWATER_SUBSCRIPTIONS_MAX`", retry_after_s=5
    ),
    "STORE_UNAVAILABLE": Row(503, UNAVAILABLE, "ask again; events are accepted meanwhile", retry_after_s=2),
    "STATEMENT_FAILED": Row(500, UNAVAILABLE, "see the server's log; it is a bug"),
    "FOREIGN_STORE": Row(
        503, UNAVAILABLE, "give an empty database, or the home it belongs to", retry_after_s=60
    ),
    "SOURCE_UNAVAILABLE": Row(
        500, UNAVAILABLE, "see that what is read can be reached; what was read is kept", over_http=False
    ),
    "SOURCE_REFUSED": Row(
        500, WRONG_USE, "mend the address, the password or the rights that the message names", over_http=False
    ),
    "FOREIGN_SOURCE": Row(500, WRONG_USE, "give what was read before, or `--anew`", over_http=False),
    "ALREADY_FOLLOWING": Row(500, UNAVAILABLE, "see `headwater status`", over_http=False),
    "NOT_INSTALLED": Row(500, UNAVAILABLE, "install what the message names", over_http=False),
    "SERVER_UNREACHABLE": Row(
        500, UNAVAILABLE, "start `headwater serve`, or give `--server URL`", over_http=False
    ),
    "HOME_IN_USE": Row(
        500, UNAVAILABLE, "stop the server that uses the home, or give another", over_http=False
    ),
    "ADDRESS_IN_USE": Row(500, UNAVAILABLE, "give another `--port`", over_http=False),
    "UNSAFE_SETTINGS": Row(500, WRONG_USE, "turn auth on, or listen on loopback", over_http=False),
}


def row_of(error: LineageError) -> Row:
    """Find an error's row: by its own code, else by its class."""
    own = ROWS.get(error.code)
    if own is not None:
        return own
    return next(row for kind in type(error).__mro__ if (row := ROWS.get(vars(kind).get("code", ""))))


def headers_of(error: LineageError) -> dict[str, str]:
    """Give the headers that belong to an error's answer."""
    row = row_of(error)
    headers = {} if row.retry_after_s is None else {"Retry-After": str(row.retry_after_s)}
    if row.status == 401:  # noqa: PLR2004 - the one status that must name the way to log in
        headers["WWW-Authenticate"] = 'Bearer realm="headwater"'
    return headers


def body_of(error: LineageError) -> dict[str, Any]:
    """Give an error's body: code, message, and the values it speaks of."""
    values = {name: value for name, value in error.values.items() if name not in {"code", "message"}}
    return {"code": error.code, "message": error.message, **values}


def to_json(value: Any) -> bytes:
    """Write an answer; names from events may hold lone surrogates, which have no UTF-8 form."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, default=str).encode()
