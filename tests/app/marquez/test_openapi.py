"""Is /openapi-marquez.json valid, and does it tell every path and every parameter?"""

from __future__ import annotations

import json
from typing import Any

import httpx
from openapi_spec_validator import validate

from app.demo.scratch import Server
from app.marquez.openapi import PARAMETERS, document
from app.marquez.route import READ

Json = dict[str, Any]
DOCUMENT: Json = json.loads(document(READ, ""))


def test_the_document_is_valid() -> None:
    """By the rules of OpenAPI 3.1; each path has an operation of its own name."""
    validate(DOCUMENT)
    names = [one["get"]["operationId"] for one in DOCUMENT["paths"].values()]
    assert len(set(names)) == len(names) == len(READ)


def test_every_parameter_is_told() -> None:
    """None is there that no path has."""
    assert {name.removesuffix("!") for path in READ for name in path.parameters} == PARAMETERS.keys()


def test_it_is_served(server: Server) -> None:
    """At its address, and the first page names it."""
    answer = httpx.get(f"{server.url}/openapi-marquez.json", timeout=30)
    assert answer.json() == DOCUMENT
    assert "/openapi-marquez.json" in httpx.get(server.url, timeout=30).text
