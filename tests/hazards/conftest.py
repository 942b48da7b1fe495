"""One server for all hazards; each story gets a namespace of its own in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from app.demo.scratch import Server, serving
from tests.hazards.telling import Line, Story


@pytest.fixture(scope="package")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("hazards") / "home") as running:
        yield running


@pytest.fixture(scope="package")
def client(one_server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=one_server.url, timeout=60) as opened:
        yield opened


@pytest.fixture
def tell(client: httpx.Client) -> Callable[..., Story]:
    """Post a story, event by event in the order given, and give what can be asked of it."""

    def told(*lines: Line) -> Story:
        return Story(client).post(*lines)

    return told


@pytest.fixture(params=["in_order", "backwards"])
def tell_any(client: httpx.Client, request: pytest.FixtureRequest) -> Callable[..., Story]:
    """Do the same, once in the order given and once from its end: what is answered must not differ."""

    def told(*lines: Line) -> Story:
        return Story(client).post(*(lines if request.param == "in_order" else lines[::-1]))

    return told
