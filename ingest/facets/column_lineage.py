"""What does a columnLineage facet state (rules D2 (2) and D4)?"""

from __future__ import annotations

from typing import Any

from graph_schema.identity import clean
from ingest.facets.names import Names
from ingest.facets.stated import Gathering, Stated


def read(body: dict[str, Any]) -> Stated:
    """Read the sources and columns a columnLineage facet names."""
    return _gather(body).stated()


def _gather(body: dict[str, Any]) -> Gathering:
    gathering = Gathering()
    fields = body.get("fields")
    for target, said in fields.items() if isinstance(fields, dict) else ():
        inputs = said.get("inputFields") if isinstance(said, dict) else None
        for item in inputs if isinstance(inputs, list) else ():
            gathering.add(item, clean(target))
    whole = body.get("dataset")
    for item in whole if isinstance(whole, list) else ():
        gathering.add(item, None)
    return gathering


def names(body: dict[str, Any], dataset: str) -> Names:
    """Name the facet's source datasets and fields, and the output's own fields."""
    gathering = _gather(body)
    fields = body.get("fields")
    own = tuple((dataset, clean(target)) for target in fields) if isinstance(fields, dict) else ()
    return Names(datasets=tuple(gathering.datasets.values()), fields=own + gathering.fields())
