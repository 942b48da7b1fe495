"""Does every failure have one way to be told?"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator

import pytest

import app
import graph_schema
import ingest
import queries
from app.errors import ROWS, body_of, headers_of, row_of, to_json
from graph_schema.errors import EventRejected, LineageError, NodeNotFound, Rebuilding, Unauthorized


def error_classes() -> Iterator[type[LineageError]]:
    for package in (app, graph_schema, ingest, queries):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting = [LineageError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        yield kind


def test_every_error_has_a_row_and_every_row_an_error() -> None:
    """Each LineageError class, wherever it is defined, has its own code and a row; no row is left over."""
    codes = {kind.code for kind in error_classes()}
    assert codes == set(ROWS)


def test_bad_data_is_never_a_5xx_and_503_says_when() -> None:
    """Statuses are those clients understand: no redirect, no 429, and every 503 has a time to come back."""
    for code, row in ROWS.items():
        assert row.status in {400, 401, 404, 405, 409, 413, 415, 422, 500, 503, 504}, code
        assert (row.retry_after_s is not None) is (row.status == 503), code
        assert row.exit in {2, 3}, code


def test_an_events_own_code_takes_the_row_of_its_class() -> None:
    """EventRejected has many codes, all of them 422."""
    error = EventRejected("ANYTHING_NEW", "says why", "/run")
    assert row_of(error).status == 422
    assert body_of(error) == {"code": "ANYTHING_NEW", "message": "says why", "pointer": "/run"}


def test_headers_that_belong_to_an_error() -> None:
    """503 has Retry-After, 401 has WWW-Authenticate, others have neither."""
    assert headers_of(Rebuilding("later")) == {"Retry-After": "5"}
    assert "WWW-Authenticate" in headers_of(Unauthorized("who"))
    assert headers_of(NodeNotFound("no", near=["a"])) == {}
    assert body_of(NodeNotFound("no", near=["a"]))["near"] == ["a"]


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, 1 << 80, {"a": [float("1e300")]}])
def test_any_value_can_be_written(value: object) -> None:
    """Lone surrogates and integers of any size come out as JSON that reads back equal."""
    assert json.loads(to_json(value)) == value
