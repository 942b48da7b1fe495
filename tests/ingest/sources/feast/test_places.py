"""Where does a source's data lie, and where is that not known?"""

from __future__ import annotations

from typing import Any

import pytest

from graph_schema.errors import BadInput
from ingest.sources.feast.places import Place, alias_of, aliases_of, place_of, place_of_uri, uri_of


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://lake/raw/a.parquet", Place("s3://lake", "raw/a.parquet")),
        ("s3a://lake/raw/a.parquet", Place("s3://lake", "raw/a.parquet")),
        ("gs://lake/a", Place("gs://lake", "a")),
        (
            "abfss://box@store.dfs.core.windows.net/a/b",
            Place("abfss://box@store.dfs.core.windows.net", "a/b"),
        ),
        ("hdfs://name:8020/a/b", Place("hdfs://name:8020", "/a/b")),
        ("/data/a.parquet", Place("file", "/data/a.parquet")),
        ("file:///data/a.parquet", Place("file", "/data/a.parquet")),
    ],
)
def test_an_address_is_named_as_openlineage_does(uri: str, place: Place) -> None:
    """So that it is the dataset which others write."""
    assert place_of_uri(uri) == place


@pytest.mark.parametrize(
    "uri",
    [
        "data/a.parquet",
        "./a",
        "",
        "s3://lake",
        "file://host/a",
        "feast.get_historical_features",
        "http://[",
        "x://y/z",
    ],
)
def test_what_is_no_name_by_itself_has_no_place(uri: str) -> None:
    """A relative path makes no file node (trap 10)."""
    assert place_of_uri(uri) is None


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ({"bigqueryOptions": {"table": "bank:raw.applicants"}}, Place("bigquery", "bank.raw.applicants")),
        ({"bigqueryOptions": {"table": "bank.raw.applicants"}}, Place("bigquery", "bank.raw.applicants")),
        ({"bigqueryOptions": {"table": "raw.applicants"}}, None),
        ({"bigqueryOptions": {"query": "SELECT 1"}}, None),
        (
            {"kafkaOptions": {"kafkaBootstrapServers": "b1:9092,b2:9092", "topic": "t"}},
            Place("kafka://b1:9092", "t"),
        ),
        ({"kafkaOptions": {"topic": "t"}}, None),
        ({"snowflakeOptions": {"table": "APPLICANTS", "schema": "RAW"}}, None),
        ({"fileOptions": {"uri": "s3://lake/a"}}, Place("s3://lake", "a")),
        ({}, None),
    ],
)
def test_a_source_lies_where_its_configuration_says(source: dict[str, Any], place: Place | None) -> None:
    """Where that is enough: a table without its server is not."""
    assert place_of({"name": "x", **source}, "loans", ()) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a=s3://lake/raw/a.parquet", Place("s3://lake", "raw/a.parquet")),
        ("a=bigquery/bank.raw.a", Place("bigquery", "bank.raw.a")),
        ("a=postgres://db:5432/bank.public.a", Place("postgres://db:5432", "bank.public.a")),
        ("a=file:///data/a", Place("file", "/data/a")),
        ("a=dataset:s3%3A//lake:raw/a%3A1", Place("s3://lake", "raw/a:1")),
        ("loans:a=bigquery/b.c.d", Place("bigquery", "b.c.d")),
        ("data/a.parquet=s3://lake/a", Place("s3://lake", "a")),
    ],
)
def test_an_alias_says_where_a_source_lies(text: str, place: Place) -> None:
    """By its name, or by what its configuration says."""
    source = {"name": "a", "fileOptions": {"uri": "data/a.parquet"}}
    assert place_of(source, "loans", [alias_of(text)]) == place


def test_an_alias_of_another_project_or_source_says_nothing() -> None:
    """Names are exact."""
    source = {"name": "a", "fileOptions": {"uri": "data/a.parquet"}}
    for text in ("other:a=bigquery/b.c.d", "A=bigquery/b.c.d", "data/=bigquery/b.c.d", "s3://x/*=s3://y/*"):
        assert place_of(source, "loans", [alias_of(text)]) is None


def test_a_whole_folder_has_one_alias() -> None:
    """What * stands for is put in its place; the first that fits counts, before the configuration."""
    aliases = aliases_of(
        ["data/special/*=gs://other/*", "data/*=s3://lake/raw/*", "", "s3://old/*=s3://new/*"]
    )
    found = [
        place_of({"name": "x", "fileOptions": {"uri": uri}}, "loans", aliases)
        for uri in ("data/a/b.parquet", "data/special/c", "s3://old/d", "data/")
    ]
    assert found == [
        Place("s3://lake", "raw/a/b.parquet"),
        Place("gs://other", "c"),
        Place("s3://new", "d"),
        None,
    ]


@pytest.mark.parametrize(
    "text", ["a", "=s3://b/c", "a=", "a=b", "a=s3://", "a/*=s3://b/c", "a=s3://b/*", "a=dataset:x"]
)
def test_what_is_no_alias_is_refused_with_an_example(text: str) -> None:
    """Before anything is read."""
    with pytest.raises(BadInput, match=r"applicants_file=s3://lake/raw/applicants\.parquet"):
        alias_of(text)


def test_no_password_is_told() -> None:
    """Of an address with one, what is before it."""
    assert uri_of({"name": "x", "fileOptions": {"uri": "ftp://me:secret@host/a"}}) == "ftp://me:***@host/a"
    assert uri_of({"name": "x", "customOptions": {}}) == "feast://x"
    assert uri_of({"name": "x", "redshiftOptions": {"table": "t"}}) == "table://t"
