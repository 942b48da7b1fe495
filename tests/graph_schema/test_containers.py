"""In what does a dataset lie, by the naming rules of OpenLineage?"""

from __future__ import annotations

import pytest

from graph_schema.containers import schema_of


@pytest.mark.parametrize(
    ("namespace", "name", "schema"),
    [
        ("postgres://db:5432", "shop.public.orders", "shop.public"),
        ("mysql://db:3306", "shop.orders", "shop"),
        ("bigquery", "project.dataset.table", "project.dataset"),
        ("bigquery", "table", None),
        ("arn:aws:glue:eu-north-1:000000000000", "table/raw/gauges", "table/raw"),
        ("azurekusto://x.kusto.windows.net", "db/table.old", "db"),
        ("s3://lake", "raw/customers/day=1.parquet", "raw/customers"),
        ("s3://lake", "raw/customers/", "raw"),
        ("s3://lake", "demand.parquet", None),
        ("file", "/data/a.csv", "/data"),
        ("file", "/a.csv", None),
        ("kafka://broker:9092", "orders.v1", None),
        ("pubsub", "topic:project:name.v1", None),
        ("mlflow", "canoe-demand", None),
        ("n", "", None),
    ],
)
def test_tables_lie_in_schemas_files_in_folders_topics_in_namespaces(
    namespace: str, name: str, schema: str | None
) -> None:
    """The part before the last dot of a table, before the last slash of a path; else the namespace itself."""
    assert schema_of(namespace, name, "TABLE") == schema


def test_a_topic_is_told_by_its_kind_too() -> None:
    """Where the namespace does not say that a name is a topic's, the dataset's kind may."""
    assert schema_of("broker", "orders.v1", "TOPIC") is None
