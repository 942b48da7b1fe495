"""In what does a dataset lie, as far as its name tells?

By the naming rules of OpenLineage a table is named by parts with dots, a file by its path, a topic by one name. Names are
exact text: nothing is unquoted.
"""

from __future__ import annotations

from typing import Final

PLACES: Final = frozenset({"file", "s3", "s3a", "gs", "hdfs", "abfss", "wasbs", "dbfs", "inmemory"})
"""Namespace schemes of files and buckets: a table's name speaks before its path (rule D5)."""
_WHOLE_NAMES: Final = frozenset({"kafka", "pubsub"})
"""Namespace schemes under which a dot or a colon is but a character of a topic's name."""


def scheme_of(namespace: str) -> str:
    """Give the scheme of a namespace; one without a scheme is its own."""
    return namespace.partition("://")[0]


def schema_of(namespace: str, name: str, kind: str) -> str | None:
    """Give the schema of a table, or the folder of a file; None where the namespace itself holds the dataset.

    Where there is a slash, or the namespace is a place of files, it is what stands before the last slash (AWS Glue's
    `table/raw/gauges` lies in `table/raw`); a topic lies in its namespace; else it is what stands before the last dot.
    """
    if kind == "TOPIC" or scheme_of(namespace) in _WHOLE_NAMES:
        return None
    if scheme_of(namespace) in PLACES or "/" in name:
        return name.rstrip("/").rpartition("/")[0] or None
    return name.rpartition(".")[0] or None
