"""Do the facets of an event follow the schemas of ours? For every part whose events carry them.

`faults` looks at each place where facets stand. The base facets of OpenLineage, to which the schemas refer, are written
here as the specification 2-0-2 has them, so that nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import jsonschema_rs

from graph_schema.facets import NAMES, OPENLINEAGE, schema, schema_url
from graph_schema.facets.describe import place

Json = dict[str, Any]

_URI: Final = {"type": "string", "format": "uri"}
_BASE: Final = {
    "type": "object",
    "properties": {"_producer": _URI, "_schemaURL": _URI},
    "required": ["_producer", "_schemaURL"],
    "additionalProperties": True,
}
_DELETABLE: Final = {
    "allOf": [{"$ref": "#/$defs/BaseFacet"}, {"properties": {"_deleted": {"type": "boolean"}}}],
    "type": "object",
}
_PLAIN: Final = {"allOf": [{"$ref": "#/$defs/BaseFacet"}], "type": "object"}
_OPENLINEAGE: Final[Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": OPENLINEAGE,
    "$defs": {
        "BaseFacet": _BASE,
        "RunFacet": _PLAIN,
        "JobFacet": _DELETABLE,
        "DatasetFacet": _DELETABLE,
        "InputDatasetFacet": _PLAIN,
        "OutputDatasetFacet": _PLAIN,
    },
}


@cache
def validator(name: str) -> Any:
    """Make what checks objects that hold a facet under its name."""
    registry = jsonschema_rs.Registry([(OPENLINEAGE, _OPENLINEAGE)])
    return jsonschema_rs.validator_for(schema(name), registry=registry, validate_formats=True)


def faults(event: Json) -> list[str]:
    """Say where facets of ours stand in the wrong place, or are not as their schemas say."""
    found = []
    for kind, facets in _places(event):
        for name in NAMES:
            if name not in facets:
                continue
            if place(name) != kind:
                found.append(f"{name} stands where a {kind} does")
            if facets[name].get("_schemaURL") != schema_url(name):
                found.append(f"{name} names another schema: {facets[name].get('_schemaURL')}")
            errors = validator(name).iter_errors({name: facets[name]})
            found += [f"{name}: {error.instance_path}: {error.message[:300]}" for error in errors]
    return found


def _places(event: Json) -> Iterator[tuple[str, Json]]:
    for member, kind in (("run", "RunFacet"), ("job", "JobFacet"), ("dataset", "DatasetFacet")):
        yield kind, event.get(member, {}).get("facets", {})
    for listed, member, kind in (
        ("inputs", "inputFacets", "InputDatasetFacet"),
        ("outputs", "outputFacets", "OutputDatasetFacet"),
    ):
        for one in event.get(listed) or ():
            yield "DatasetFacet", one.get("facets", {})
            yield kind, one.get(member, {})
