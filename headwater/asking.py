"""How is a server reached, what does its refusal mean, and when is it worth asking again?

A refusal becomes the error of `graph_schema.errors` that has its code. It is worth asking again when the server says 503 or
the network failed, and safe: questions change nothing, and an event that arrives twice is kept once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from graph_schema import errors
from graph_schema.errors import BadInput, EventRejected, LineageError, NodeNotFound

CONNECT_TIMEOUT_S: Final = 5.0
PAUSE_FIRST_S: Final = 0.2
PAUSE_LONGEST_S: Final = 5.0

_CLASSES: Final = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, LineageError) and kind is not LineageError
}


class Unreachable(LineageError):
    """No server answers at the address, or what answers is none."""

    code = "SERVER_UNREACHABLE"


@contextmanager
def network_told(server: str, instead: str = "its address") -> Iterator[None]:
    """Turn what the network says into typed errors: Unreachable, or BadInput for what is no address.

    `instead` is what is given to reach another server.
    """
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise BadInput(f"{server!r} is no address ({error}); write it like http://127.0.0.1:8020") from error
    except httpx.TimeoutException as error:
        raise Unreachable(
            f"the server at {server} did not answer in time; see `headwater status`", server=server
        ) from error
    except httpx.TransportError as error:
        raise Unreachable(
            f"no server answers at {server} ({error}); start one: `headwater serve`, or give {instead}",
            server=server,
        ) from error


def refusal(answer: httpx.Response) -> LineageError | None:
    """Give the error that an answer tells, None where it tells none; `code` is always the server's own."""
    if answer.is_success:
        return None
    try:
        body = answer.json()
        code, message = str(body.pop("code")), str(body.pop("message"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return not_ours(answer)
    error: LineageError
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        error = EventRejected(code, message, str(body.get("pointer", "")))
    elif code == NodeNotFound.code:
        error = NodeNotFound(message, **body)
    else:
        error = _CLASSES.get(code, LineageError)(message, **body)
    error.code = code
    return error


def not_ours(answer: httpx.Response) -> Unreachable:
    """Make the error of an answer that no Headwater gives."""
    shown = answer.text.strip()[:200]
    return Unreachable(
        f"{answer.request.url} answered {answer.status_code} {shown!r}; is this a Headwater server?"
    )


def patiently(client: httpx.Client, request: httpx.Request, *, patience_s: float) -> httpx.Response:
    """Send, and send again for `patience_s` while the server says 503 or the network fails; give the last answer.

    A wait that the server asks for (`Retry-After`) and that is longer than the patience left is not begun. A request
    that timed out while its answer was awaited is not sent again: the server may be at it still.
    """
    ends_at = time.monotonic() + patience_s
    pause_s = PAUSE_FIRST_S
    while True:
        wait_s = pause_s
        left_s = ends_at - time.monotonic()
        try:
            answer = client.send(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            asked = answer.headers.get("Retry-After", "")
            wait_s = float(asked) if asked.isdigit() else pause_s
            left_s = ends_at - time.monotonic()
            if wait_s > left_s:
                return answer
        except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout, httpx.PoolTimeout):
            left_s = ends_at - time.monotonic()
            if wait_s > left_s:
                raise
        time.sleep(wait_s)
        pause_s = min(pause_s * 2, PAUSE_LONGEST_S)
