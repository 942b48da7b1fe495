"""Who owns a dataset or job, as its ownership facet states?"""

from __future__ import annotations

from typing import Any

from graph_schema.identity import clean, person_key
from ingest.facets.names import Names
from ingest.openlineage import Named


def owners(body: dict[str, Any]) -> list[tuple[str, str | None]]:
    """List (name, type) of the stated owners, each name once, by name."""
    stated = body.get("owners")
    found: dict[str, str | None] = {}
    for owner in stated if isinstance(stated, list) else ():
        if isinstance(owner, dict) and isinstance(owner.get("name"), str):
            kind = owner.get("type")
            found[clean(owner["name"])] = clean(kind) if isinstance(kind, str) else None
    return sorted(found.items())


def names(body: dict[str, Any], _: str) -> Names:
    """Name the owners: a person once named stays, also when a later facet states other owners (rule F13)."""
    return Names(persons=tuple(Named(person_key(name), "", name) for name, _ in owners(body)))
