"""Are two bodies the same event exactly when DESIGN 4 says so, however fast that is found out?"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.errors import BadJson
from ingest.canonical import canonical, digest, parse, text_of, value_of

words = st.text(max_size=6) | st.sampled_from(["null", "1.0]", "\ud800", "😀", 'q"', "\\u0041", "12.50}"])
numbers = (
    st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([12.0, -0.0, 1e16, 1e22, 0.1])
)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
events = st.dictionaries(words, values, max_size=4).map(
    lambda more: {**more, "eventTime": "2026-05-01T12:00:00+02:00"}
)


def normal(value: Any) -> Any:
    """Drop null members, write whole floats as integers: the rule, word for word."""
    if isinstance(value, dict):
        return {name: normal(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [normal(element) for element in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def written(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


@given(events, st.booleans(), st.sampled_from([None, 1]))
def test_the_form_is_the_rule_whatever_way_is_taken(event: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001 - drawn
    """Escapes and blanks of a body change nothing; form, text and hash are those of the plain rule."""
    raw = json.dumps(event, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    wanted = normal({**event, "eventTime": "2026-05-01T10:00:00.000000Z"})
    form = canonical(parse(raw), raw=raw)
    assert written(form) == written(wanted) == text_of(form)
    assert digest(form) == sha256(written(wanted)).digest()
    assert canonical(parse(raw)) == form


@given(values)
def test_what_is_written_reads_back(value: Any) -> None:
    """A canonical text gives its value again."""
    assert value_of(text_of(normal(value))) == normal(value)


def test_parent_run_is_parent() -> None:
    """The old facet name counts as the new one; where both are given, `parent` wins."""
    event = {"eventTime": "2026-05-01T10:00:00Z", "run": {"facets": {"parentRun": {"a": 1}}}}
    assert canonical(event)["run"] == {"facets": {"parent": {"a": 1}}}
    event["run"]["facets"]["parent"] = {"b": 2}  # type: ignore[index]
    assert canonical(event)["run"] == {"facets": {"parent": {"b": 2}}}


@pytest.mark.parametrize(
    "raw", [b"{", b"NaN", b'{"a": Infinity}', b"1e999", b"9" * 4301, b"[" * 201 + b"]" * 201, b'"\xff"']
)
def test_bad_json_is_refused(raw: bytes) -> None:
    """NaN, Infinity, integers of more than 4,300 digits, bad Unicode and nesting beyond 200 are bad JSON."""
    with pytest.raises(BadJson):
        parse(raw)
