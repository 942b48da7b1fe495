"""Is /openapi.json valid, complete and true: every path, every parameter, and what a server really answers?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from pydantic import SecretStr

from app.demo.scratch import Server, serving
from app.main import create_app
from app.openapi.document import EXAMPLES, document, examples
from app.openapi.operations import OPERATIONS, SENT_AS
from tests.app.http import serving as bare
from tests.documents import IMPATIENT, fixed, settle, with_answers
from tests.server import export

Json = dict[str, Any]
DOCUMENT: Json = json.loads(document(""))
EACH = 8
"""About so many nodes of a type are asked about."""
NO_OPERATIONS = {
    *("/", "/graphql", "/graphql/files", "/openapi.json", "/openapi-marquez.json"),
    *("/facets", "/facets/{name}.json"),
}


def strict(part: Any) -> Any:
    """Say of every object whose members are told that it has no others."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {"additionalProperties": False} if "properties" in part else {}
    return {name: strict(one) for name, one in part.items()} | closed


def open_ended(name: str) -> bool:
    """Errors tell more values than code and message, and an event has whatever its producer says."""
    return name.startswith("Error") or name == "Event"


COMPONENTS = {
    "schemas": {
        name: schema if open_ended(name) else strict(schema)
        for name, schema in DOCUMENT["components"]["schemas"].items()
    }
}


def faults(schema: Json, value: object) -> list[str]:
    """Where a value is not what a schema says, and names what it does not tell."""
    validator = jsonschema_rs.validator_for({**schema, "components": COMPONENTS})
    return [f"{error.instance_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def answer_schema(name: str, status: int) -> Json:
    """The schema of what an operation answers with a status."""
    (operation,) = (one for one in OPERATIONS if one.name == name)
    answer = DOCUMENT["paths"][operation.path][operation.method]["responses"][str(status)]
    schema: Json = answer["content"]["application/json"]["schema"]
    return schema


def test_the_document_is_valid() -> None:
    """By the rules of OpenAPI 3.1, its examples of parameters included."""
    validate(DOCUMENT)
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                for example in parameter.get("examples", {}).values():
                    if "RUN" not in str(example["value"]) and example["value"]:
                        assert faults(parameter["schema"], example["value"]) == []


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bare.Served]:
    """A server without a graph, with auth on and a base path."""
    home = tmp_path_factory.mktemp("guarded")
    with bare.serving(home, api_keys=SecretStr("k1"), base_path="/lineage") as served:
        yield served


def test_every_path_is_told_and_no_other(guarded: bare.Served) -> None:
    """Each route of plain HTTP with its methods; pages, GraphQL and documents (this one, schemas) are none."""
    routes = create_app(guarded.context).routes
    there = {
        (str(getattr(route, "path", "")), method.lower())
        for route in routes
        for method in (getattr(route, "methods", None) or ())
        if method != "HEAD" and getattr(route, "path", "") not in NO_OPERATIONS
    }
    assert {(path, method) for path, told in DOCUMENT["paths"].items() for method in told} == there


def test_every_parameter_is_told_and_no_other(guarded: bare.Served) -> None:
    """A server that is asked with a parameter it does not know lists those it knows."""
    for operation in OPERATIONS:
        told = {SENT_AS.get(name, name) for name in operation.parameters}
        if not told:
            continue
        asked = {"nonsense": "1", **dict.fromkeys((SENT_AS.get(one, one) for one in operation.needed), "x")}
        answer = guarded.client.get(operation.path, params=asked, headers={"X-API-Key": "k1"})
        assert answer.json()["parameter"] == "nonsense", operation.name
        known = answer.json()["message"].partition("there are ")[2]
        assert set(known.split(", ")) == told, operation.name


def test_it_is_served_to_those_who_may_ask(guarded: bare.Served) -> None:
    """Under the base path, which it names; strangers get 401 as told."""
    answer = guarded.client.get("/lineage/openapi.json", headers={"X-API-Key": "k1"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {**DOCUMENT, "servers": [{"url": "/lineage"}]}
    for operation in OPERATIONS:
        refused = guarded.client.request(operation.method, f"/lineage{operation.path}")
        if operation.name == "healthz":
            assert refused.status_code == 200
            continue
        assert refused.status_code == 401
        assert faults(answer_schema(operation.name, 401), refused.json()) == []


def test_a_server_without_its_graph_answers_as_told(guarded: bare.Served) -> None:
    """503 with a code that is told, for each question that is not wrong in itself; /readyz says why."""
    told = set()
    for example in examples():
        (operation,) = (one for one in OPERATIONS if one.name == example["operation"])
        if operation.method != "get" or 503 not in {*operation.refusals, *operation.answers}:
            continue
        query = example.get("query")
        answer = guarded.client.get(operation.path, params=query, headers={"X-API-Key": "k1"})
        if answer.status_code == 503:
            told.add(operation.name)
            assert faults(answer_schema(operation.name, 503), answer.json()) == []
    asking = ("/api/v1/graph/", "/api/v1/catalogue")
    questions = {one.name for one in OPERATIONS if one.method == "get" and one.path.startswith(asking)}
    assert told == {*questions, "readyz"}


@pytest.mark.parametrize("example", examples(), ids=lambda one: f"{one['operation']} {one['name']}")
def test_each_example_is_what_its_schema_says(example: Json) -> None:
    """The answer, and the body that was sent, where it was meant to be right."""
    assert faults(answer_schema(example["operation"], example["status"]), example["answer"]) == []
    if "body" in example and example["status"] < 300:
        (operation,) = (one for one in OPERATIONS if one.name == example["operation"])
        told = DOCUMENT["paths"][operation.path][operation.method]["requestBody"]["content"]
        taken = faults(told["application/json"]["schema"], example["body"])
        assert taken == []


def test_every_operation_has_an_example() -> None:
    """Each answer in JSON, and of each question a refusal too."""
    shown = {(one["operation"], one["status"] < 300) for one in examples()}
    for operation in OPERATIONS:
        if operation.media == "application/json":
            assert (operation.name, True) in shown
            assert 400 not in operation.refusals or (operation.name, False) in shown, operation.name


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server that has the bundled estate and was asked every example; and the examples as it answered them."""
    with serving(tmp_path_factory.mktemp("estate") / "home", env=IMPATIENT) as server:
        yield server, with_answers(server)


@pytest.mark.slow
def test_the_examples_are_true(estate: tuple[Server, str]) -> None:
    """examples.json has what a server answers; `make docs` brings it up to date."""
    assert estate[1] == EXAMPLES.read_text("utf-8")


@pytest.mark.slow
def test_whatever_is_answered_is_as_told(estate: tuple[Server, str]) -> None:
    """Nodes of each type with all that belongs to them, and every question about them, answered or refused."""
    server = estate[0]
    settle(server)
    rows = [row for row in export(server) if "key" in row]
    of_type = [[row["key"] for row in rows if row["type"] == kind] for kind in {row["type"] for row in rows}]
    keys = sorted(key for some in of_type for key in some[:: max(1, len(some) // EACH)])
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for key in keys:
            for name, more in (
                ("node", {"details": "true"}),
                ("upstream", {"totals": "true"}),
                ("downstream", {"granularity": "FIELD"}),
                ("downstream", {"granularity": "JOB"}),
            ):
                asked = {"key": key, **more}
                check(client, name, asked)
            check(client, "paths", {"from": keys[0], "to": key})
            check(client, "diff", {"a": key, "a_as_of": "2026-05-01T12:00:00Z"})
            check(client, "history", {"key": key})
            check(client, "fieldLineage", {"dataset": key})
            check(client, "rollup", {"key": key, "direction": "downstream", "group_by": "SCHEMA"})
            check(client, "rollup", {"key": key, "direction": "upstream", "granularity": "JOB"})
            check(client, "search", {"q": key.rsplit(":", 1)[1]})
        for kind in ("rejected", "set_aside", "job_clash", "symlink_group_too_big"):
            check(client, "oddities", {"kind": kind})


def check(client: httpx.Client, name: str, asked: Json) -> None:
    (operation,) = (one for one in OPERATIONS if one.name == name)
    answer = client.get(operation.path, params=asked)
    assert faults(answer_schema(name, answer.status_code), answer.json()) == [], (name, asked)


@pytest.mark.slow
def test_readiness_is_as_told_with_children(estate: tuple[Server, str]) -> None:
    """What changes from run to run is shown as if it did not."""
    answer = httpx.get(f"{estate[0].url}/readyz", timeout=10)
    assert faults(answer_schema("readyz", 200), answer.json()) == []
    assert '"pid": 4711' in fixed(json.dumps(answer.json()))
