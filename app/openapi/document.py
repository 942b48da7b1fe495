"""What does /openapi.json say? Made of the operations, the models and the examples; nothing is said twice."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypedDict

from app.errors import ROWS
from app.http.waiting import POSITION
from app.openapi.models import ref, schemas
from app.openapi.operations import JSON, OPERATIONS, PARAMETERS, SENT_AS, Operation

EXAMPLES: Final = Path(__file__).with_name("examples.json")
Part = dict[str, Any]

_SAYS: Final = (
    "OpenLineage events in; one graph; answers out. The questions of GraphQL (/graphql), for scripts: the same names in "
    "snake_case, the same codes. Unknown is null and never absent. Times are ISO 8601. An answer that is not the whole "
    "one says so in `completeness`. Without keys set, no key is asked for."
)
_EVENT: Final[Part] = {
    "description": "An OpenLineage event of any version; only what a run, a job or a dataset is known by is needed.",
    "type": "object",
    "properties": {"eventTime": {"type": "string", "description": "ISO 8601"}},
    "required": ["eventTime"],
}
_BODIES: Final[dict[str, Part]] = {
    "Event": {"anyOf": [ref("Event"), {"type": "array", "items": ref("Event")}]},
    "ActAsked": ref("ActAsked"),
    "DeploymentAsked": ref("DeploymentAsked"),
    "Webhook": {"type": "object", "description": "As MLflow sends it; only its signature is looked at."},
    "Events": {"anyOf": [{"type": "array", "items": ref("Event"), "maxItems": 100_000}, ref("Event")]},
}


class Example(TypedDict, total=False):
    """A request and what a server answered: by `make docs`, on the bundled estate. `raw` is a body that is no JSON."""

    operation: str
    name: str
    query: dict[str, str]
    body: Any
    raw: str
    status: int
    answer: Any


def examples() -> list[Example]:
    """Read the examples, in the order in which they were asked."""
    read: list[Example] = json.loads(EXAMPLES.read_text("utf-8"))
    return read


@cache
def document(base_path: str) -> bytes:
    """Write the whole document for a server under a base path."""
    paths: dict[str, Part] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Headwater", "version": version("headwater"), "description": _SAYS},
        "servers": [{"url": base_path or "/"}],
        "security": [{}, {"key": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas(), "Event": _EVENT},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _operation(operation: Operation) -> Part:
    shown = [one for one in examples() if one["operation"] == operation.name]
    told: Part = {
        "operationId": operation.name,
        "summary": operation.says,
        "responses": {
            **{str(status): _answer(operation, status, shown) for status in operation.answers},
            **{str(status): _refusal(status, shown) for status in operation.refusals},
        },
    }
    if operation.parameters:
        told["parameters"] = [_parameter(operation, name, shown) for name in operation.parameters]
    if operation.takes:
        bodies = {one["name"]: {"value": one["body"]} for one in shown if "body" in one}
        content = {JSON: {"schema": _BODIES[operation.takes], "examples": bodies}}
        told["requestBody"] = {
            "description": "May be gzipped, with or without Content-Encoding; Content-Type is not looked at.",
            "required": True,
            "content": content,
        }
    return told


def _parameter(operation: Operation, name: str, shown: list[Example]) -> Part:
    schema, says = PARAMETERS[name]
    sent = SENT_AS.get(name, name)
    given = {
        one["name"]: {"value": _value(schema, one["query"][sent])}
        for one in shown
        if sent in one.get("query", {})
    }
    told: Part = {
        "name": sent,
        "in": "query",
        "required": name in operation.needed,
        "description": says,
        "schema": schema,
    }
    if schema["type"] == "array":
        told["explode"] = False
    return {**told, "examples": given} if given else told


def _value(schema: Part, text: str) -> Any:
    """Read a parameter of an example as its schema means it."""
    if schema["type"] == "array":
        return text.split(",")
    return (
        json.loads(text)
        if schema["type"] in {"integer", "boolean"} and text.isalnum() and text != "x"
        else text
    )


def _answer(operation: Operation, status: int, shown: list[Example]) -> Part:
    schema = ref(operation.answers[status]) if operation.answers[status] else {"type": "string"}
    return {
        "description": _STATUSES[status],
        "headers": {
            POSITION: {"description": "Up to where the graph was made.", "schema": {"type": "string"}}
        },
        "content": {operation.media: _shown(schema, status, shown)},
    }


def _refusal(status: int, shown: list[Example]) -> Part:
    codes = ", ".join(code for code, row in ROWS.items() if row.over_http and row.status == status)
    told: Part = {
        "description": codes,
        "content": {JSON: _shown(ref(f"Error{status}"), status, shown)},
    }
    if any(row.retry_after_s is not None for row in ROWS.values() if row.status == status):
        told["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return told


def _shown(schema: Part, status: int, shown: list[Example]) -> Part:
    given = {one["name"]: {"value": one["answer"]} for one in shown if one["status"] == status}
    return {"schema": schema, "examples": given} if given else {"schema": schema}


_STATUSES: Final = {200: "the answer", 201: "the event is on disk", 503: "the graph cannot be asked now"}
