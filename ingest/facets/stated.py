"""What does lineage state about one output? Its sources, and its columns' sources."""

from __future__ import annotations

from typing import Any

import msgspec

from graph_schema.identity import clean
from ingest.openlineage import Named, identity_of

Transformation = tuple[str, str, bool]
"""type, subtype, masking; what is not stated is "" and False."""

Column = tuple[str, str, str | None]
"""source dataset key, source path, target path (None: it shapes the whole output)."""


class Stated(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one facet states about one output. `none`: it says that there are no sources."""

    sources: tuple[str, ...] = ()
    columns: tuple[tuple[Column, tuple[Transformation, ...]], ...] = ()
    none: bool = False


class Gathering:
    """Collects what a facet states about one output, while its lists are read."""

    def __init__(self) -> None:
        """Start with nothing stated."""
        self.datasets: dict[str, Named] = {}
        self.columns: dict[Column, set[Transformation]] = {}

    def add(self, item: Any, target: str | None) -> None:
        """Take one source item `{namespace, name, field?, transformations?}`; broken ones are left out."""
        named = identity_of(item, dataset=True)
        if named is None:
            return
        self.datasets[named.key] = named
        path = item.get("field")
        if isinstance(path, str):
            column = (named.key, clean(path), target)
            self.columns.setdefault(column, set()).update(_transformations(item.get("transformations")))

    def stated(self, *, none: bool = False) -> Stated:
        """Give what was collected, in one order."""
        columns = tuple(
            (column, tuple(sorted(self.columns[column])))
            for column in sorted(self.columns, key=lambda c: (c[0], c[1], c[2] is not None, c[2] or ""))
        )
        return Stated(tuple(sorted(self.datasets)), columns, none and not self.datasets)

    def fields(self) -> tuple[tuple[str, str], ...]:
        """List the source fields that were named."""
        return tuple(dict.fromkeys((source, path) for source, path, _ in self.columns))


def _transformations(given: Any) -> set[Transformation]:
    if not isinstance(given, list):
        return set()
    return {
        (_text(item.get("type")), _text(item.get("subtype")), item.get("masking") is True)
        for item in given
        if isinstance(item, dict)
    }


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""
