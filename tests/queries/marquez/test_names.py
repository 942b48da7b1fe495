"""Are Marquez's names read as they were meant, and do versions say which instant they are?"""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.identity import dataset_key, field_key, job_key
from graph_schema.instants import SUSPECT, parse_instant
from queries.marquez.names import (
    CANDIDATES_MAX,
    dataset_version,
    job_version,
    node_id,
    parse_node_id,
    short_time,
    version_instant,
    wire_time,
)

NAMES = st.text(min_size=1, max_size=40)
PLAIN = NAMES.filter(lambda text: text.count(":") < 3)
"""A node id is read in so many ways and no more."""
INSTANTS = st.datetimes().map(lambda at: parse_instant(f"{at.isoformat()}Z")) | st.just(SUSPECT)


@given(key=NAMES, at=INSTANTS)
def test_a_version_says_its_instant(key: str, at: str) -> None:
    """A version is a UUID of version 5, is read back exactly, and belongs to its dataset alone."""
    version = dataset_version(key, at)
    made = UUID(version)
    assert (made.version, made.variant) == (5, RFC_4122)
    assert version_instant(key, version) == at
    assert version_instant(key, version.upper()) == at
    assert version_instant(f"{key}x", version) is None
    assert version_instant(key, "no version") is None


@given(namespace=PLAIN, name=PLAIN, field=PLAIN)
def test_a_node_id_finds_what_it_was_made_of(namespace: str, name: str, field: str) -> None:
    """Whatever colons, escapes and hashes names hold, what is meant is among the candidates."""
    for kind, key in (("dataset", dataset_key(namespace, name)), ("job", job_key(namespace, name))):
        found = parse_node_id(node_id(kind, namespace, name))
        assert found is not None
        assert found.kind == kind
        assert key in found.keys
        escaped = parse_node_id(key)
        assert escaped is not None
        assert key in escaped.keys
    found = parse_node_id(node_id("datasetField", namespace, name, field))
    assert found is not None
    assert field_key(dataset_key(namespace, name), field) in found.keys


@pytest.mark.parametrize(
    ("text", "namespace", "name"),
    [
        ("dataset:food_delivery:public.orders", "food_delivery", "public.orders"),
        ("dataset:postgres://db:5432:shop.orders", "postgres://db:5432", "shop.orders"),
        ("dataset:s3://bucket:a/b:c", "s3://bucket", "a/b:c"),
        ("dataset:file:/data/x", "file", "/data/x"),
    ],
)
def test_marquez_own_reading_goes_first(text: str, namespace: str, name: str) -> None:
    """It divides at the first colon that stands neither before `//` nor before digits."""
    found = parse_node_id(text)
    assert found is not None
    assert found.keys[0] == dataset_key(namespace, name)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "dataset", "dataset:", "person:a:b", "run:x", "dataset:a", ":a:b"]
)
def test_what_is_no_node_id(text: str) -> None:
    """Nothing is guessed."""
    assert parse_node_id(text) is None


def test_candidates_are_bounded() -> None:
    """A text of colons is not read in a million ways."""
    found = parse_node_id("datasetField" + ":a" * 5_000)
    assert found is not None
    assert len(found.keys) <= CANDIDATES_MAX


def test_a_versioned_node_id() -> None:
    """The version stands after the last #."""
    version = dataset_version(dataset_key("a", "b#c"), None)
    found = parse_node_id(f"dataset:a:b#c#{version}")
    assert found is not None
    assert (found.version, dataset_key("a", "b#c") in found.keys) == (version, True)


def test_the_same_datasets_are_the_same_version() -> None:
    """In whatever order, and inputs are not outputs."""
    assert job_version("j", ["b", "a"], ["c"]) == job_version("j", ["a", "b"], ["c"])
    assert job_version("j", ["a"], []) != job_version("j", [], ["a"])
    assert job_version("j", ["a"], []) != job_version("k", ["a"], [])


@pytest.mark.parametrize(
    ("instant", "wire", "short"),
    [
        ("2026-01-05T10:00:00.000000Z", "2026-01-05T10:00:00Z", "2026-01-05T10:00Z"),
        ("2026-01-05T10:00:07.000000Z", "2026-01-05T10:00:07Z", "2026-01-05T10:00:07Z"),
        ("2026-01-05T10:00:00.120000Z", "2026-01-05T10:00:00.120Z", "2026-01-05T10:00:00.120Z"),
        ("2026-01-05T10:00:00.120001Z", "2026-01-05T10:00:00.120001Z", "2026-01-05T10:00:00.120001Z"),
    ],
)
def test_times_are_written_as_java_does(instant: str, wire: str, short: str) -> None:
    """Fractions in groups of three digits; none where they are zero."""
    assert (wire_time(instant), short_time(instant), wire_time(None)) == (wire, short, None)
