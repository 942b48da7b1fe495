"""`python -m graph_schema.facets.describe`: writes docs/facets.md from the schemas."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from graph_schema.facets import NAMES, definition, schema_url

_HEAD: Final = """# Facets of our own

Made by `make docs` from `graph_schema/facets/`; a test fails when it is stale.

Where a standard facet of OpenLineage says something, events use that. These say the rest. Each has a JSON Schema (draft
2020-12); a server gives it at `/facets/NAME.json`. `_schemaURL` is a name under `headwater.example`, a domain that belongs to
nobody: nothing needs to reach it. A facet is known by its key in the event, not by that address.

Further members are allowed everywhere and kept. A member whose value is not known is left out.
"""
_PLACES: Final = {
    "RunFacet": "the run, `run.facets`",
    "JobFacet": "the job, `job.facets`",
    "DatasetFacet": "a dataset, `facets`",
    "InputDatasetFacet": "an input of a run, `inputFacets`",
}


def described() -> str:
    """Give the page."""
    return _HEAD + "".join(_facet(name) for name in NAMES)


def place(name: str) -> str:
    """Give the base facet, which says what a facet stands on."""
    return str(definition(name)["allOf"][0]["$ref"]).rpartition("/")[2]


def _facet(name: str) -> str:
    told = definition(name)
    own = told["allOf"][1]
    lines = [
        "",
        f"## {name}",
        "",
        f"{told['description']} On {_PLACES[place(name)]}.",
        "",
        "| member | type | meaning |",
        "| --- | --- | --- |",
    ]
    for member, part in own["properties"].items():
        needed = ", needed" if member in own["required"] else ""
        lines.append(f"| `{member}` | {_type(part)}{needed} | {part.get('description', '')} |")
    example = json.dumps(told["examples"][0], indent=2, ensure_ascii=False)
    return "\n".join([*lines, "", "```json", example, "```", "", f"`_schemaURL`: `{schema_url(name)}`", ""])


def _type(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " or ".join(f"`{one}`" for one in part["enum"])
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(one) for one in part["anyOf"]))
    if part["type"] == "array":
        return f"list of {_type(part['items'])}"
    if part["type"] == "object" and isinstance(part.get("additionalProperties"), dict):
        return f"names to {_type(part['additionalProperties'])}"
    if part["type"] == "object":
        return "object of " + ", ".join(f"`{one}`" for one in part["properties"])
    return {"string": "text"}.get(part["type"], str(part["type"]))


if __name__ == "__main__":
    sys.stdout.write(described())
