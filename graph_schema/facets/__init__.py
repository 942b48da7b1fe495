"""Which facets of our own do events carry, and by which JSON Schema?

A schema is a file here, in the style of OpenLineage's: draft 2020-12, the facet under `$defs` as all of a base facet of
OpenLineage and its own fields. Its address lies under `headwater.example`, a domain that belongs to nobody and never will
(RFC 2606): it is a name. The text is served by every server at `/facets/NAME.json`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

NAMES: Final = (
    "mlflow_experiment",
    "mlflow_run",
    "mlflow_input",
    "mlflow_loggedModel",
    "mlflow_modelVersion",
    "mlflow_registeredModel",
    "feast_retrieval",
    "feast_featureSelection",
    "mlops_deployment",
    "catalogue_act",
    "gateway_access",
)
PRODUCERS: Final = "https://headwater.example/producers"
"""What makes events is named under this: a name too, not a place."""

OPENLINEAGE: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


def schema(name: str) -> dict[str, Any]:
    """Give a facet's whole JSON Schema."""
    whole: dict[str, Any] = json.loads(text(name))
    return whole


@cache
def text(name: str) -> bytes:
    """Give the schema as it is published; raises KeyError for a name that is none of ours."""
    if name not in NAMES:
        raise KeyError(name)
    return resources.files(__name__).joinpath(f"{name}.json").read_bytes()


@cache
def schema_url(name: str) -> str:
    """Give what an event writes as the facet's `_schemaURL`."""
    whole = schema(name)
    (kind,) = whole["$defs"]
    return f"{whole['$id']}#/$defs/{kind}"


def definition(name: str) -> dict[str, Any]:
    """Give the facet's own part of its schema."""
    (told,) = schema(name)["$defs"].values()
    return dict(told)


def written(name: str, producer: str, body: dict[str, Any]) -> dict[str, Any]:
    """Write a facet of ours: who made it, by which schema, and its members but for those that are None."""
    told = {member: value for member, value in body.items() if value is not None}
    return {"_producer": producer, "_schemaURL": schema_url(name), **told}
