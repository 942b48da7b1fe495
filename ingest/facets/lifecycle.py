"""What happened to a dataset's name: RENAME, DROP, or something that keeps it (rules F9, D2, D3)?"""

from __future__ import annotations

from typing import Any, NamedTuple

from ingest.facets.names import Names
from ingest.openlineage import Named, identity_of


class Change(NamedTuple):
    """DROP; RENAME with the previous name; or "" for every change that keeps the name."""

    kind: str
    previous: Named | None


def read(body: dict[str, Any]) -> Change:
    """Read a lifecycleStateChange facet; a RENAME without a usable previous name changes no name."""
    stated = body.get("lifecycleStateChange")
    if stated == "DROP":
        return Change("DROP", None)
    previous = identity_of(body.get("previousIdentifier"), dataset=True) if stated == "RENAME" else None
    return Change("RENAME" if previous else "", previous)


def names(body: dict[str, Any], _dataset: str) -> Names:
    """Name the previous identifier, whatever the change."""
    previous = identity_of(body.get("previousIdentifier"), dataset=True)
    return Names(datasets=(previous,)) if previous else Names()
