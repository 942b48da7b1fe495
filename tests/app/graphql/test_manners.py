"""Is whatever comes to /graphql answered with manners: a code, a sentence, and never a 500?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.http.edge import REQUEST_ID
from graph_schema.errors import LineageError
from queries.statements import Statement
from queries.store import Row
from tests.app.http.serving import AbsentStore, Served, serving

JSON = {"Content-Type": "application/json"}


class BrokenStore(AbsentStore):
    """A store with a bug: what it raises nobody foresaw, and it holds what nobody may see."""

    async def read(self, _statement: Statement, /, **_params: Any) -> list[Row]:
        raise ZeroDivisionError("secret of the house")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose questions all meet a bug; those that ask no store are answered."""
    with serving(tmp_path_factory.mktemp("manners"), store=BrokenStore()) as running:
        yield running


def post(served: Served, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return served.client.post("/graphql", content=content, headers={**JSON, **headers})


def codes(answer: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BAD_JSON"),
        (b"{", "BAD_JSON"),
        (b"\xff\xfe{}", "BAD_JSON"),
        (b"[" * 100_000, "BAD_JSON"),
        (b"null", "BAD_QUERY"),
        (b"3", "BAD_QUERY"),
        (b"{}", "BAD_QUERY"),
        (b'{"query": ""}', "BAD_QUERY"),
        (b'{"query": 5}', "BAD_QUERY"),
        (b'{"query": "{ __typename }", "variables": []}', "BAD_QUERY"),
        (b'{"query": "{ __typename }", "variables": "x"}', "BAD_QUERY"),
        (b'{"query": "{ __typename }", "operationName": 1}', "BAD_QUERY"),
        (b'{"query": "{ __typename }", "extensions": 1}', "BAD_QUERY"),
        (b'{"query": "query A { __typename } query B { __typename }"}', "BAD_QUERY"),
        (b'{"query": "query A { __typename }", "operationName": "C"}', "BAD_QUERY"),
        (b'{"query": "mutation { nothing }"}', "BAD_QUERY"),
        (b'{"query": "subscription { __typename }"}', "BAD_QUERY"),
        (b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]', "BAD_QUERY"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_with_a_code(served: Served, body: bytes, code: str) -> None:
    """400 or an answer with errors; in both the code stands where GraphQL clients look. Batches are not taken."""
    answer = post(served, body)
    assert answer.status_code in {200, 400}, answer.text
    assert codes(answer) == [code]
    assert answer.json()["errors"][0]["message"]
    if answer.status_code == 400:
        assert answer.json()["code"] == code


@pytest.mark.parametrize(
    ("query", "variables", "says"),
    [
        ("query($k: ID!) { node(key: $k) { key } }", {}, "$k"),
        ("query($k: ID!) { node(key: $k) { key } }", {"k": None}, "$k"),
        ("query($n: Int) { upstream(of: 1, first: $n) { root { key } } }", {"n": "x"}, "$n"),
        ("query($n: Int) { upstream(of: 1, depth: $n) { root { key } } }", {"n": 2**31}, "32-bit"),
        ("query($k: Nope) { node(key: $k) { key } }", {}, "Nope"),
        ("{ upstreem(of: 1) { root { key } } }", {}, "Did you mean 'upstream'"),
        ('{ node(key: "k") { kez } }', {}, "Did you mean 'key'"),
    ],
)
def test_a_wrong_document_or_variable_is_named(
    served: Served, query: str, variables: dict[str, object], says: str
) -> None:
    """Which variable, which field, and what was probably meant."""
    answer = post(served, {"query": query, "variables": variables})
    assert (answer.status_code, set(codes(answer))) == (200, {"BAD_QUERY"})
    assert any(says in error["message"] for error in answer.json()["errors"]), answer.text


def test_the_operation_that_is_named_is_run(served: Served) -> None:
    """Of several operations in one document."""
    query = "query A { a: __typename } query B { b: __typename }"
    assert post(served, {"query": query, "operationName": "B"}).json() == {"data": {"b": "Query"}}


@pytest.mark.parametrize(
    "declared",
    [
        None,
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json+evil",
    ],
)
def test_only_json_is_taken(served: Served, declared: str | None) -> None:
    """What a form or a script of another site can send without leave is 415, and nothing is run."""
    headers = {} if declared is None else {"Content-Type": declared}
    answer = served.client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "application/json" in answer.json()["message"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "declared", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_may_say_its_charset(served: Served, declared: str) -> None:
    """Parameters and case do not matter."""
    answer = post(served, {"query": "{ __typename }"}, **{"Content-Type": declared})
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
@pytest.mark.parametrize("params", [{}, {"query": "{ __typename }"}])
def test_nothing_is_asked_by_get(served: Served, accept: str, params: dict[str, str]) -> None:
    """405 with the way to ask; a link can neither run a question nor be remembered by a proxy."""
    answer = served.client.get("/graphql", params=params, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "POST"
    assert "POST" in answer.json()["message"]


def test_a_browser_gets_the_page_with_a_question_in_the_address_too(served: Served) -> None:
    """A shared link shows its question in GraphiQL, unasked."""
    for params in ({}, {"query": "{ __typename }"}):
        page = served.client.get("/graphql", params=params, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert '"data"' not in page.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    """405 in words, and no leave for other sites."""
    answer = served.client.request(method, "/graphql")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "access-control-allow-origin" not in answer.headers


def test_a_huge_question_is_too_large(served: Served) -> None:
    """413, also where the length was not said beforehand."""
    text = json.dumps({"query": "{ __typename }" + " " * 1_100_000}).encode()
    for body in (text, iter([text[:600_000], text[600_000:]])):
        answer = served.client.post("/graphql", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


def test_an_unforeseen_error_is_masked_and_found_in_the_log(
    served: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    """The answer says the request's id and nothing else; the log has the id and the trace; it is counted."""
    before = served.context.metrics.failures._value.get()
    answer = post(served, {"query": '{ node(key: "dataset:a:b") { key } }'})
    (error,) = answer.json()["errors"]
    request_id = answer.headers["X-Request-Id"]
    assert error["extensions"] == {"code": LineageError.code, "request_id": request_id}
    assert request_id in error["message"]
    assert "secret" not in answer.text
    logged = "".join(capfd.readouterr())
    assert request_id in logged
    assert "secret of the house" in logged
    assert served.context.metrics.failures._value.get() == before + 1


def test_a_gateways_request_id_is_kept_unless_it_could_forge_a_log(served: Served) -> None:
    """What is short and plain is used as it is, anything else gets a new one; every answer says it."""
    name = REQUEST_ID.decode()
    assert post(served, {"query": "{ __typename }"}, **{name: "edge-7/a"}).headers[name] == "edge-7/a"
    for odd in ("", "a b", "x" * 200, 'a"}'):
        given = served.client.get("/healthz", headers={name: odd}).headers[name]
        assert len(given) == 32
        assert given != odd


def test_a_limit_is_met_over_http_as_a_typed_error(tmp_path: Path) -> None:
    """Each limit that was set is met, and named."""
    limits: dict[str, Any] = {
        "graphql_depth_max": 2,
        "graphql_aliases_max": 1,
        "graphql_tokens_max": 40,
        "graphql_cost_max": 10,
    }
    asked = {
        "graphql_depth_max": '{ job(namespace: "a", name: "b") { parent { key } } }',
        "graphql_aliases_max": "{ a: __typename b: __typename }",
        "graphql_tokens_max": "{" + " __typename" * 50 + "}",
        "graphql_cost_max": '{ upstream(of: "dataset:a:b", first: 11) { root { key } } }'.replace(
            "root { key }", "__typename"
        ),
    }
    with serving(tmp_path / "home", **limits) as running:
        for setting, query in asked.items():
            (error,) = post(running, {"query": query}).json()["errors"]
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED", error
            assert error["extensions"]["setting"] == f"HEADWATER_{setting.upper()}"
            assert error["extensions"]["limit"] == limits[setting]
