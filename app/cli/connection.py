"""How does a command talk to a running server?

Every failure becomes a typed error that says what went wrong and what to do next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from headwater.asking import network_told, refusal

TIMEOUT_S: Final = 120.0
CONNECT_TIMEOUT_S: Final = 5.0
TRIES_MAX: Final = 8
WAIT_LONGEST_S: Final = 5.0
PREPARING_MAX_S: Final = 600.0
"""So long a command waits for the graph of a past."""


@contextmanager
def connected(server: str, api_key: str) -> Iterator[httpx.Client]:
    """Keep a connection to a server; what the network says becomes Unreachable."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    address = server.rstrip("/")
    with (
        network_told(server, "--server URL"),
        httpx.Client(base_url=address, headers=headers, timeout=timeout) as client,
    ):
        yield client


def ask(client: httpx.Client, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Ask one question; raises the error that the server tells. Parameters that are None are left out.

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


def tell(client: httpx.Client, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Say something; what is None is left out. It is said again only while the server says that it took nothing."""
    given = {name: value for name, value in said.items() if value is not None}
    answer = patiently(client, client.build_request("POST", path, json=given))
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
    error = refusal(answer)
    if error is not None:
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
