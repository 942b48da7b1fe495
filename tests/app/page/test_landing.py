"""Does the landing page keep up with the product, and can its first lines be pasted?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from app.main import create_app
from app.page.first import first_lines
from tests.app.http.serving import Served, serving
from tests.needs import ROOT


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("landing")) as running:
        yield running


def words(served: Served) -> str:
    """Give the page as somebody reads or copies it."""
    return unescape(re.sub(r"<[^>]+>", "", served.client.get("/").text))


def test_every_question_of_the_graph_is_named(served: Served) -> None:
    """A refusal sends people here for the ways in: no route of /api/v1/graph is left out."""
    paths = {str(getattr(route, "path", "")) for route in create_app(served.context).routes}
    asked = {path.rsplit("/", 1)[1] for path in paths if path.startswith("/api/v1/graph/")}
    assert {"upstream", "downstream", "node", "paths"} <= asked
    assert {word for word in asked if not re.search(rf"\b{word}\b", words(served))} == set()


def test_the_first_lines_are_those_of_make_run(served: Served) -> None:
    """They name this server, and a file that is there; only the usual address goes without saying."""
    address = f"http://127.0.0.1:{served.port}"
    assert "\n".join(first_lines(address)) in words(served)
    assert all(line.endswith(f" --server {address}") for line in first_lines(address))
    ingest, upstream = first_lines("http://127.0.0.1:8020")
    assert Path(ROOT, ingest.split()[-1]).exists()
    assert "--server" not in ingest + upstream


def test_an_address_cannot_write_into_the_page(served: Served) -> None:
    """The address of the first lines is what the Host header says."""
    page = served.client.get("/", headers={"Host": "x<b>y"}).text
    assert "<b>" not in page
