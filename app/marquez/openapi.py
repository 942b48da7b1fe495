"""What does /openapi-marquez.json say? Made of the table of paths and the shapes of their answers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from app.errors import ROWS
from app.http.waiting import AT_LEAST, POSITION
from app.marquez.answers import Refusal
from app.marquez.asking import CUT
from app.marquez.routing import Path

Part = dict[str, Any]
_JSON: Final = "application/json"
_NAME: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final[Part] = {"type": "integer", "minimum": 0}
_FLAG: Final[Part] = {"type": "boolean", "default": False}
_TEXT: Final[Part] = {"type": "string"}

PARAMETERS: Final[dict[str, tuple[Part, str]]] = {
    "nodeId": (
        {"type": "string", "examples": ["dataset:food_delivery:public.orders"]},
        (
            "`dataset:namespace:name`, `job:namespace:name`, or a key as elsewhere here; for columns also "
            "`datasetField:namespace:dataset:field`, and `#version` after a dataset or a field asks for its columns then."
        ),
    ),
    "runId": (_TEXT, "The UUID of a run."),
    "depth": ({**_NUMBER, "default": 20}, "Steps from job to job, between columns edges, between runs steps from run to run."),
    "withSiblings": (_FLAG, "Walk in both directions from everything that is met, as Marquez does."),
    "withDownstream": (_FLAG, "Walk downstream too."),
    "q": (_TEXT, "Words of a name, namespace, tag, owner or column; the last may be the beginning of one."),
    "filter": ({"type": "string", "enum": ["DATASET", "JOB"]}, "Only these."),
    "sort": ({"type": "string", "enum": ["NAME", "UPDATE_AT"]}, "By name, or updated last first; without it best first."),
    "namespace": (_TEXT, "Only in this namespace."),
    "before day": ({"type": "string", "examples": ["2026-05-01"]}, "Updated before this day."),
    "after day": ({"type": "string", "examples": ["2026-05-01"]}, "Updated after the beginning of this day."),
    "before": ({"type": "string", "default": "2030-01-01T00:00:00Z"}, "Events whose time is earlier."),
    "after": ({"type": "string", "default": "1970-01-01T00:00:00Z"}, "Events whose time is this or later."),
    "sortDirection": ({"type": "string", "enum": ["desc", "asc"], "default": "desc"}, "By time of the event."),
    "limit": ({**_NUMBER, "default": 100}, "Rows on this page; 10 for a search. More than a page may have are cut."),
    "offset": ({**_NUMBER, "default": 0}, "Rows before this page."),
    "period": ({"type": "string", "enum": ["DAY", "WEEK"]}, "24 hours up to now, or 7 days up to today."),
    "timezone": ({"type": "string", "examples": ["Europe/Berlin"]}, "Of the days; needed for a week."),
    "lastRunStates": (
        {"type": "array", "items": {"type": "string", "enum": ["NEW", "RUNNING", "COMPLETED", "FAILED", "ABORTED"]}},
        "Only jobs whose newest run is in one of these states.",
    ),
    "type": ({"type": "string", "enum": ["run", "job", "dataset"]}, "Whose facets; those of datasets are not told here."),
}  # fmt: skip
"""Each parameter's schema and meaning. What follows a space in a name tells apart what has one name."""


@cache
def document(paths: Sequence[Path], base_path: str) -> bytes:
    """Write the whole document for a server under a base path."""
    types = [path.gives for path in paths if path.gives is not None]
    schemas, components = msgspec.json.schema_components(
        [*types, Refusal], ref_template="#/components/schemas/{name}"
    )
    answers = dict(zip([path.pattern for path in paths if path.gives is not None], schemas, strict=False))
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Marquez's API, as Headwater answers it",
            "version": version("headwater"),
            "description": "Read only. docs/marquez.md says where it differs from Marquez, and why.",
        },
        "servers": [{"url": base_path or "/"}],
        "security": [{}, {"key": []}, {"bearer": []}],
        "paths": {
            path.pattern: {"get": _operation(path, answers.get(path.pattern), schemas[-1])} for path in paths
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _operation(path: Path, answer: Part | None, refusal: Part) -> Part:
    statuses = sorted({row.status for row in ROWS.values() if row.over_http} & {400, 404, 503, 504})
    told: Part = {
        "operationId": _id(path),
        "summary": path.says,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": _TEXT} for name in _NAME.findall(path.pattern)),
            *(_parameter(name) for name in path.parameters),
            {"name": AT_LEAST, "in": "header", "required": False, "schema": _TEXT,
             "description": "Wait until the graph holds this position."},
        ],
        "responses": {str(status): _response("it cannot be answered", refusal) for status in statuses},
    }  # fmt: skip
    if answer is not None:
        headers = {
            POSITION: {"description": "Up to where the graph was made.", "schema": _TEXT},
            CUT: {"description": "Which limits cut the answer; missing where none did.", "schema": _TEXT},
        }
        told["responses"] = {
            "200": {**_response("the answer", answer), "headers": headers},
            **told["responses"],
        }
    return told


def _response(says: str, schema: Part) -> Part:
    return {"description": says, "content": {_JSON: {"schema": schema}}}


def _parameter(name: str) -> Part:
    needed = name.endswith("!")
    schema, says = PARAMETERS[name.removesuffix("!")]
    return {
        "name": name.removesuffix("!").partition(" ")[0],
        "in": "query",
        "required": needed,
        "description": says,
        "schema": schema,
    }


def _id(path: Path) -> str:
    """Name an operation after its path."""
    words = re.split(r"[/{}_-]+", path.pattern.removeprefix("/api/").strip("/}"))
    name = "".join(word.capitalize() for word in words if word != "v1")
    return f"get{name}"
