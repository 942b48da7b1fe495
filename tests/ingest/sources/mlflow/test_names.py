"""Is every thing of MLflow's named as everybody else names it, and only where that is certain?"""

from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.errors import BadInput
from ingest.sources.mlflow.address import address_of
from ingest.sources.mlflow.mapping.feast import Selection
from ingest.sources.mlflow.mapping.names import (
    Place,
    input_name,
    namespace_of,
    registered_path,
    registration_run,
    run_uuid,
    source_of_version,
)
from ingest.sources.mlflow.mapping.signature import ambiguous, column_lineage, columns

HERE = Place("mlflow://m:5000", tables="unity://c")
OWN = ("mlflow://m:5000", "datasets/d")


@pytest.mark.parametrize(
    ("kind", "source", "name"),
    [
        ("s3", {"uri": "s3://lake/a/b.parquet"}, ("s3://lake", "a/b.parquet")),
        ("s3", {"uri": "s3a://lake/a"}, ("s3://lake", "a")),
        ("gs", {"uri": "gs://lake/a"}, ("gs://lake", "a")),
        ("hdfs", {"uri": "hdfs://nn:8020/a/b"}, ("hdfs://nn:8020", "/a/b")),
        ("abfss", {"uri": "abfss://c@s.dfs.core.windows.net/a"}, ("abfss://c@s.dfs.core.windows.net", "/a")),
        ("local", {"uri": "/data/x.csv"}, ("file", "/data/x.csv")),
        ("local", {"uri": "file:///data/x.csv"}, ("file", "/data/x.csv")),
        ("local", {"uri": "C:\\data\\x.csv"}, ("file", "C:\\data\\x.csv")),
        ("local", {"uri": "data/x.csv"}, OWN),
        ("local", {"uri": "feast.get_historical_features"}, None),
        ("http", {"url": "https://u:pw@h/x.csv?key=secret"}, ("https://h", "/x.csv")),
        ("delta_table", {"delta_table_name": "c.s.t"}, ("unity://c", "c.s.t")),
        ("delta_table", {"path": "s3://lake/t"}, ("s3://lake", "t")),
        ("spark", {"table_name": "s.t"}, ("unity://c", "s.t")),
        ("spark", {"sql": "select 1"}, OWN),
        ("hugging_face", {"path": "org/set"}, ("huggingface", "org/set")),
        ("code", {"tags": {"x": "/a"}}, OWN),
        ("new kind", {"anything": 1}, OWN),
    ],
)
def test_where_a_dataset_is(kind: str, source: dict[str, object], name: tuple[str, str] | None) -> None:
    """By its source as OpenLineage names it; what has no place is the server's own, a retrieval from Feast is none."""
    given = {"name": "d", "source_type": kind, "source": json.dumps(source)}
    assert input_name(HERE, given) == name
    assert input_name(HERE, {"name": "d", "source_type": kind, "source": "no json"}) == OWN


@given(st.uuids())
def test_a_run_is_the_same_number(number: uuid.UUID) -> None:
    """MLflow's id without dashes is OpenLineage's with them; another text stays as it is."""
    assert run_uuid(number.hex) == str(number)
    assert run_uuid("legacy") == "legacy"


def test_where_a_version_comes_from() -> None:
    """A logged model, another version, or what a run wrote."""
    assert source_of_version(HERE, "models:/m-1") == (HERE.namespace, "models/m-1")
    assert source_of_version(HERE, "models:/loan/1") == (HERE.namespace, "models/loan/1")
    assert source_of_version(HERE, "runs:/ab/a/model") == (HERE.namespace, "runs/ab/artifacts/a/model")
    assert source_of_version(HERE, "/mnt/model") is None
    assert registered_path("runs:/ab/a/model") == ("ab", "a/model")
    assert registered_path("models:/m-1") is None


def test_a_registration_is_known_again() -> None:
    """The same version at the same server is the same run, from wherever it is told; any other is another."""
    one = registration_run(HERE, "loan", "1")
    assert one == registration_run(Place(HERE.namespace), "loan", "1")
    others = {
        registration_run(Place("mlflow://x"), "loan", "1"),
        registration_run(HERE, "loan", "2"),
        registration_run(HERE, "loan2", "1"),
    }
    assert len({one, *others}) == 4


def test_a_server_is_named_by_its_address() -> None:
    """Host and port, the workspace behind them; no login and no path."""
    assert namespace_of("https://u:p@mlflow.example/base") == "mlflow://mlflow.example"
    assert namespace_of("http://[::1]:5000", "team") == "mlflow://[::1]:5000/team"
    address = address_of("http://u:p%40@h:5000/", feast=["loans=feast://f/loans"])
    assert (address.shown, address.username, address.password) == ("http://h:5000", "u", "p@")
    assert "p@" not in repr(address)
    assert address.place.feast_namespace("loans") == "feast://f/loans"
    assert address.place.feast_namespace("cards") == "cards"
    beside = address_of("http://h:5000", feast=["loans=feast://f/loans"], feast_before="feast://all")
    assert beside.place.feast_namespace("loans") == "feast://f/loans"
    assert beside.place.feast_namespace("cards") == "feast://all/cards"


@pytest.mark.parametrize(
    "given", [{"text": "mlflow:5000"}, {"text": "sqlite:///x"}, {"text": "http://h?x=1"}, {"text": "http://h:x"},
              {"text": "http://h", "namespace": "h"}, {"text": "http://h", "feast": ["loans"]}],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(given: dict[str, object]) -> None:
    """With how it is written."""
    with pytest.raises(BadInput, match=r"writ|ends with"):
        address_of(**given)  # type: ignore[arg-type]


def test_which_features_a_model_uses() -> None:
    """Columns called like what was fetched, with and without the view; of two views, both and marked."""
    used = columns(json.dumps([{"name": "salary", "type": "double"}, {"name": "b__score", "type": "long"},
                               {"name": "age", "type": "long"}, {"type": "tensor"}]))  # fmt: skip
    fetched = [Selection(("f", "a"), ("salary", "score")), Selection(("f", "b"), ("salary", "score"))]
    lineage = column_lineage(used, fetched)
    assert lineage is not None
    found = {
        column: [(one["name"], one["field"], one["transformations"][0]["description"].partition(":")[0])
                 for one in said["inputFields"]]
        for column, said in lineage["fields"].items()
    }  # fmt: skip
    assert found == {
        "salary": [("a", "salary", "ambiguous"), ("b", "salary", "ambiguous")],
        "b__score": [("b", "score", "used")],
    }
    assert ambiguous(used, fetched) == {"salary"}
    assert columns("no json") == columns(None) == []
