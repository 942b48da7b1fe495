"""Is a document read once, and is one that asks for too much refused, whatever it is dressed as?"""

from __future__ import annotations

import time
from typing import Any

import pytest
from graphql import GraphQLError, parse

from app.graphql.documents import KEPT_CHARACTERS_MAX, Checked, Documents
from app.graphql.limits import check_cost
from app.graphql.schema import make_schema
from app.settings import Settings

WALK = "query($n: Int = 7) { upstream(of: %s, first: $n) { nodes { depth node { key } } } }"
SPREADS = 60


def documents(**limits: Any) -> Documents:
    return make_schema(Settings(**limits)).documents


def refusal(checked: Checked) -> dict[str, object]:
    """The extensions of the one error."""
    (error,) = checked.errors
    assert error.extensions is not None
    assert str(error.extensions["setting"]) in error.message
    return error.extensions


def doubling(body: str) -> str:
    """A document whose fragments spread 2^60 times what `body` names, in some 600 tokens."""
    fragments = (f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(SPREADS))
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{SPREADS} on Query {{ {body} }}"


def rows_of(text: str, **variables: object) -> int:
    """What a document would cost."""
    kept = documents()
    error = check_cost(kept.schema, parse(text), variables, 0)
    assert error is None or error.extensions is not None
    return 0 if error is None else int(str((error.extensions or {})["cost"]))


def test_the_second_question_is_neither_parsed_nor_validated() -> None:
    """The same text again, with whatever variables, is remembered; another text is not."""
    kept = documents()
    first = kept.checked("{ __typename }")
    assert kept.checked("{ __typename }") is first
    assert (kept.parses, kept.validations) == (1, 1)
    kept.checked("{ __typename  }")
    assert (kept.parses, kept.validations) == (2, 2)


def test_a_long_text_is_not_kept() -> None:
    """A few hundred of them would fill the memory; it is read anew each time, and right."""
    kept = documents()
    text = "{ __typename }" + " " * KEPT_CHARACTERS_MAX
    assert kept.checked(text).errors == kept.checked(text).errors == ()
    assert kept.parses == 2


@pytest.mark.parametrize(
    ("limit", "value", "text"),
    [
        ("graphql_depth_max", 3, '{ node(key: "k") { ... on Run { job { parent { key } } } } }'),
        ("graphql_aliases_max", 1, "{ a: __typename b: __typename }"),
    ],
)
def test_a_limit_is_named_and_one_less_is_allowed(limit: str, value: int, text: str) -> None:
    """The error says which setting was hit; a document at the limit is taken."""
    said = refusal(documents(**{limit: value}).checked(text))
    assert (said["code"], said["setting"], said["limit"]) == (
        "LIMIT_EXCEEDED", f"HEADWATER_{limit.upper()}", value,
    )  # fmt: skip
    assert documents(**{limit: value + 1}).checked(text).errors == ()


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("graphql_tokens_max", "{" + " ".join(["__typename"] * 3000) + "}"),
        ("graphql_depth_max", "{a" * 900 + "}" * 900),
    ],
)
def test_a_document_that_is_not_even_parsed_is_told_alike(limit: str, text: str) -> None:
    """Too many tokens, or nested beyond what the parser goes into."""
    with pytest.raises(GraphQLError) as found:
        documents().checked(text)
    assert (found.value.extensions or {})["setting"] == f"HEADWATER_{limit.upper()}"


@pytest.mark.parametrize(
    ("body", "setting"),
    [("a: __typename", "HEADWATER_GRAPHQL_ALIASES_MAX"), ("__typename", None)],
)
def test_fragments_are_counted_where_they_are_spread_and_looked_at_once(
    body: str, setting: str | None
) -> None:
    """2^60 spreads are counted as such, in no time."""
    began = time.monotonic()
    errors = documents().checked(doubling(body)).errors
    assert time.monotonic() - began < 20  # looked at one by one they would take 10^11 years
    assert [(one.extensions or {}).get("setting") for one in errors] == ([] if setting is None else [setting])


def test_rows_multiply_along_lists_and_nodes_count() -> None:
    """A list costs its `first`, what stands in it is taken so many times; a variable's value or default counts."""
    assert rows_of('{ node(key: "k") { key } }') == 1
    assert rows_of(WALK % '"k"') == 7 + 7
    assert rows_of(WALK % '"k"', n=50) == 50 + 50
    nested = """{ job(namespace: "a", name: "b") { runs(first: 10) { nodes { job { inputs(first: 5) {
      nodes { evidence } } } } } } }"""
    assert rows_of(nested) == 1 + 10 + 10 + 10 * 5
    assert rows_of(doubling('node(key: "k") { key }')) > 2**52


def test_without_introspection_the_schema_is_not_told() -> None:
    """Neither by asking for it nor by suggestions; questions are answered all the same."""
    shut = documents(graphql_introspection=False)
    errors = shut.checked("{ __schema { types { name } } }").errors
    assert {"introspection has been disabled" in one.message for one in errors} == {True}
    assert shut.checked("{ __typename }").errors == ()
    assert documents().checked("{ __schema { types { name } } }").errors == ()
