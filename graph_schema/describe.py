"""`python -m graph_schema.describe`: writes docs/graph.md from the nodes and relationships."""

from __future__ import annotations

import sys
from typing import Final

import graph_schema
from graph_schema.nodes import NODES
from graph_schema.relationships import RELATIONSHIPS

_HEAD: Final = "# The graph\n\nMade by `make docs` from `graph_schema/`; a test fails when it is stale.\n"


def described() -> str:
    """Give the page."""
    drawing = (graph_schema.__doc__ or "").split("\n\n", 1)[1].rsplit("\n\n", 1)[0]
    parts = [_HEAD, "```", drawing.strip("\n"), "```", "", "## Nodes", ""]
    for node in NODES:
        parts += [
            f"### {node.label}",
            "",
            f"One per {node.one_per}.",
            "",
            "| property | meaning |",
            "| --- | --- |",
        ]
        parts += [f"| `{name}` | {meaning} |" for name, meaning in (("key", "unique"), *node.properties)]
        parts.append("")
    parts += ["## Relationships", "", "| pattern | meaning | properties |", "| --- | --- | --- |"]
    for one in RELATIONSHIPS:
        shown = ", ".join(f"`{name}`" for name in one.properties)
        parts.append(f"| `{one.pattern}` | {one.meaning} | {shown} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(described())
