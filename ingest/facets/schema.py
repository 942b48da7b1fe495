"""What does a schema facet name? Its fields, on the dataset that carries it."""

from __future__ import annotations

from typing import Any

from graph_schema.schema_facet import fields_of
from ingest.facets.names import Names


def names(body: dict[str, Any], dataset: str) -> Names:
    """Name the schema's fields on the dataset that carries it."""
    return Names(fields=tuple((dataset, field.path) for field in fields_of(body)))
