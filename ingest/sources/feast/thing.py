"""What is told of a thing: which facets, by which job, made from what, and how is it known that it changed?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from ingest.sources.feast.places import Alias, Place
from ingest.sources.feast.registry import Column
from ingest.sources.feast.written import Facets, Json

FEAST_TYPES: Final = {
    "UNKNOWN": "Invalid", "BYTES": "Bytes", "STRING": "String", "INT32": "Int32", "INT64": "Int64", "DOUBLE": "Float64",
    "FLOAT": "Float32", "BOOL": "Bool", "UNIX_TIMESTAMP": "UnixTimestamp", "MAP": "Map", "JSON": "Json", "UUID": "Uuid",
    "TIME_UUID": "TimeUuid", "DECIMAL": "Decimal", "PDF_BYTES": "PdfBytes", "IMAGE_BYTES": "ImageBytes",
    "SCALAR_MAP": "ScalarMap", "ZONED_TIMESTAMP": "ZonedTimestamp", "STRUCT": "Struct",
}  # fmt: skip
"""How Feast's own events write the types of its registry."""

IDENTITY: Final = [{"type": "DIRECT", "subtype": "IDENTITY"}]


NOTHING: Final[Facets] = {}


class Thing(NamedTuple):
    """What is told of one thing; `job` is "" for what no job makes. `place` is where its data lies outside Feast."""

    kind: str
    name: str
    namespace: str
    facets: Facets
    created: str
    updated: str
    job: str = ""
    job_facets: Facets = NOTHING
    inputs: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Give what the thing is known by in its project."""
        return self.kind, self.name

    @property
    def digest(self) -> bytes:
        """Hash what is told, however its lists are ordered: Feast writes some of them in another order each time."""
        told = {
            "facets": self.facets,
            "job": self.job,
            "job_facets": self.job_facets,
            "inputs": list(self.inputs),
        }
        return blake2b(orjson.dumps(_unordered(told), option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


class Known(NamedTuple):
    """What it takes to tell of one thing: how its project is named, and what else the project holds."""

    project: str
    namespace: str
    aliases: tuple[Alias, ...]
    join_keys: Mapping[str, str]
    features: Mapping[str, list[Column]]

    def dataset(self, name: str, field: str | None = None) -> Json:
        bare = {"namespace": self.namespace, "name": name, "type": "DATASET"}
        return bare if field is None else {**bare, "field": field, "transformations": IDENTITY}


def feast_type(value_type: str) -> str:
    """Write a type as Feast's events do: `INT64_LIST` is `Array(Int64)`."""
    for ending, form in (("_LIST", "Array({})"), ("_SET", "Set({})")):
        if value_type.endswith(ending):
            return form.format(feast_type(value_type.removesuffix(ending)))
    return FEAST_TYPES.get(value_type, value_type)


def described(
    description: str, owner: str, tags: Mapping[str, str], fields: Iterable[Column] = ()
) -> dict[str, Json | None]:
    listed = [{"key": key, "value": value, "source": "FEAST"} for key, value in sorted(tags.items())]
    listed += [
        {"key": key, "value": value, "source": "FEAST", "field": one.name}
        for one in fields
        for key, value in sorted(one.tags.items())
    ]
    return {
        "documentation": {"description": description} if description else None,
        "ownership": {"owners": [{"name": owner, "type": "OWNER"}]} if owner else None,
        "tags": {"tags": listed} if listed else None,
    }


def of_job(kind: str, description: str, owner: str, known: Known) -> dict[str, Json | None]:
    return {
        "jobType": {"processingType": "BATCH", "integration": "FEAST", "jobType": kind},
        "documentation": {"description": description} if description else None,
        "ownership": {"owners": [{"name": owner, "type": "OWNER"}]} if owner else None,
        "feast_jobKind": {"kind": "definition", "feast_project": known.project},
        "feast_project": {"project_name": known.project},
    }


def entries(name: str, entry: Json, known: Known) -> Json:
    return {"entries": [{**known.dataset(name), **entry}]}


def symlinks(place: Place | None) -> Json | None:
    return None if place is None else {"identifiers": [{**place._asdict(), "type": "TABLE"}]}


def field(column: Column) -> Json:
    kind = {"type": feast_type(column.value_type)} if column.value_type else {}
    return {
        "name": column.name,
        **kind,
        **({"description": column.description} if column.description else {}),
    }


def renamed(column: Column, name: str) -> Column:
    return Column(name, column.value_type, column.description, column.tags)


def text_of(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def tags_of(body: Mapping[str, Any]) -> dict[str, str]:
    tags = body.get("tags")
    return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(
            (_unordered(one) for one in value), key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS)
        )
    return value
