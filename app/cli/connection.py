"""How does a command talk to a running server?

Every failure becomes a typed error that says what went wrong and what to do next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from graph_schema.errors import BadInput, LineageError

TIMEOUT_S: Final = 120.0
CONNECT_TIMEOUT_S: Final = 5.0
TRIES_MAX: Final = 8
WAIT_LONGEST_S: Final = 5.0
PREPARING_MAX_S: Final = 600.0
"""So long a command waits for the graph of a past."""


class Unreachable(LineageError):
    """No server answers at the address."""

    code = "SERVER_UNREACHABLE"


class Told(LineageError):
    """A typed error that the server answered."""


@contextmanager
def connected(server: str, api_key: str) -> Iterator[httpx.Client]:
    """Keep a connection to a server; what the network says becomes Unreachable."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    try:
        with httpx.Client(base_url=server.rstrip("/"), headers=headers, timeout=timeout) as client:
            yield client
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise BadInput(f"{server!r} is no address ({error}); write it like http://127.0.0.1:8020") from error
    except httpx.TimeoutException as error:
        raise Unreachable(f"the server at {server} did not answer in time; see `headwater status`") from error
    except httpx.TransportError as error:
        raise Unreachable(
            f"no server answers at {server} ({error}); start one: `headwater serve`, or give --server URL",
            server=server,
        ) from error


def ask(client: httpx.Client, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Ask one question; raises Told with the server's code. Parameters that are None are left out.

    The graph of a past takes a while to be made: it is waited for, some minutes.
    """
    given = {name: value for name, value in asked.items() if value is not None}
    deadline = time.monotonic() + PREPARING_MAX_S
    answer = client.get(path, params=given)
    while _is_preparing(answer) and time.monotonic() < deadline:
        time.sleep(float(answer.headers.get("Retry-After", "2")))
        answer = client.get(path, params=given)
    check(answer)
    body: dict[str, Any] = answer.json()
    return body


def _is_preparing(answer: httpx.Response) -> bool:
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return False
    try:
        return bool(answer.json()["code"] == "PREPARING")
    except (ValueError, KeyError, TypeError):
        return False


def check(answer: httpx.Response) -> None:
    """Raise what a refusing answer says."""
    if answer.is_success:
        return
    try:
        body = answer.json()
        code, message = str(body.pop("code")), str(body.pop("message"))
    except (ValueError, KeyError, AttributeError):
        text = answer.text.strip()[:200]
        raise Unreachable(
            f"{answer.request.url} answered {answer.status_code} {text!r}; is this a Headwater server?"
        ) from None
    error = Told(message, **body)
    error.code = code
    raise error


def patiently(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Send, and send again while the server says 503; the last answer is given whatever it says."""
    pause_s = 0.2
    for _ in range(TRIES_MAX):
        answer = client.send(request)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        asked_s = answer.headers.get("Retry-After", "")
        time.sleep(min(float(asked_s) if asked_s.isdigit() else pause_s, WAIT_LONGEST_S))
        pause_s = min(pause_s * 2, WAIT_LONGEST_S)
    return client.send(request)
