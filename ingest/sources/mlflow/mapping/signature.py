"""Which columns does a model use, and which fetched features are they?

A column is a feature when it is called like one that the run fetched, or `view__feature` as Feast's full names are. Where
several views have one of that name, all of them are told and each is marked: nobody knows which it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from .facets import Json
from .feast import Selection
from .names import Name

AMBIGUOUS: Final = "ambiguous: several feature views have a feature of this name"
USED: Final = "used: a column of the model's signature that the run fetched as this feature"


def columns(inputs: str | None) -> list[tuple[str, str]]:
    """Read a signature's inputs (JSON): name and type of each column. Tensors have no names, and give none."""
    try:
        return named(json.loads(inputs or "[]"))
    except ValueError:
        return []


def named(listed: Any) -> list[tuple[str, str]]:
    """Read name and type of each column that has a name."""
    listed = listed if isinstance(listed, list) else []
    return [(str(one["name"]), _type(one)) for one in listed if isinstance(one, dict) and one.get("name")]


def schema(found: list[tuple[str, str]]) -> Json | None:
    """Write the body of a `schema` facet; None where there are no columns."""
    if not found:
        return None
    return {"fields": [{"name": name, "type": kind} if kind else {"name": name} for name, kind in found]}


def ambiguous(found: list[tuple[str, str]], fetched: Iterable[Selection]) -> set[str]:
    """Give the features of which a column may be one, while it may be another view's as well."""
    sources = _by_column(fetched)
    return {feature for name, _ in found if len(sources.get(name, ())) > 1 for _, feature, _ in sources[name]}


def column_lineage(found: list[tuple[str, str]], fetched: Iterable[Selection]) -> Json | None:
    """Write which features the columns are; None where no column is one."""
    sources = _by_column(fetched)
    fields = {
        name: {"inputFields": [_field(source, several=len(sources[name]) > 1) for source in sources[name]]}
        for name, _ in found
        if name in sources
    }
    return {"fields": fields} if fields else None


def _by_column(fetched: Iterable[Selection]) -> dict[str, list[tuple[Name, str, bool]]]:
    found: dict[str, list[tuple[Name, str, bool]]] = {}
    for one in fetched:
        for certain, features in ((True, one.features), (False, one.ambiguous)):
            for feature in features:
                for column in (feature, f"{one.view[1]}__{feature}"):
                    found.setdefault(column, []).append((one.view, feature, certain))
    return found


def _field(source: tuple[Name, str, bool], *, several: bool) -> Json:
    (namespace, view), feature, certain = source
    says = AMBIGUOUS if several or not certain else USED
    how = {"type": "DIRECT", "subtype": "IDENTITY", "description": says, "masking": False}
    return {"namespace": namespace, "name": view, "field": feature, "transformations": [how]}


def _type(column: Json) -> str:
    kind = column.get("type")
    if kind == "tensor" and isinstance(column.get("tensor-spec"), dict):
        kind = column["tensor-spec"].get("dtype")
    return str(kind) if kind else ""
