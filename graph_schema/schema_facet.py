"""Which fields does a schema facet state, nested ones by dotted path?"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from graph_schema.identity import clean

_DEPTH_MAX: Final = 100


class SchemaField(NamedTuple):
    """A column: its dotted path, own name, type as stated, and ordinal from 1."""

    path: str
    name: str
    data_type: str | None
    ordinal: int


def fields_of(body: dict[str, Any]) -> list[SchemaField]:
    """List a schema's fields, parents before children; empty means the schema counts as absent (rule F5)."""
    found: dict[str, SchemaField] = {}
    _collect(body.get("fields"), "", found, _DEPTH_MAX)
    return list(found.values())


def _collect(fields: Any, prefix: str, found: dict[str, SchemaField], depth: int) -> None:
    if not isinstance(fields, list) or depth == 0:
        return
    for index, field in enumerate(fields, start=1):
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            continue
        name = clean(field["name"])
        path = prefix + name
        stated = field.get("type")
        position = field.get("ordinal_position")
        ordinal = position if isinstance(position, int) and not isinstance(position, bool) else index
        data_type = clean(stated) if isinstance(stated, str) else None
        # An ordinal beyond 64 bits fits no engine; the place in the list says the same.
        found.setdefault(path, SchemaField(path, name, data_type, ordinal if abs(ordinal) < 2**63 else index))
        _collect(field.get("fields"), path + ".", found, depth - 1)
