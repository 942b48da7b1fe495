"""Which other names of the same dataset does a symlinks facet state (rule F9)?"""

from __future__ import annotations

from typing import Any

from ingest.facets.names import Names
from ingest.openlineage import Named, identity_of


def links(body: dict[str, Any], dataset: str) -> list[Named]:
    """List the other names; links to itself and to an empty name count for nothing."""
    identifiers = body.get("identifiers")
    if not isinstance(identifiers, list):
        return []
    found = (identity_of(item, dataset=True) for item in identifiers)
    return [named for named in found if named is not None and named.name and named.key != dataset]


def names(body: dict[str, Any], dataset: str) -> Names:
    """Name the linked datasets."""
    return Names(datasets=tuple(links(body, dataset)))
