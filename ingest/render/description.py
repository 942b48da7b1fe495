"""Which words describe an entity: its description and its tags?"""

from __future__ import annotations

from typing import Any

from graph_schema.identity import clean


def descriptive(documentation: dict[str, Any] | None, tags: dict[str, Any] | None) -> dict[str, Any]:
    """Give `description` and `tags` (key, or key:value) from the current facets; unknown is None."""
    stated = (documentation or {}).get("description")
    listed = (tags or {}).get("tags")
    found = (
        sorted({_tag(tag) for tag in listed if isinstance(tag, dict) and isinstance(tag.get("key"), str)})
        if (isinstance(listed, list))
        else []
    )
    return {"description": clean(stated) if isinstance(stated, str) else None, "tags": found or None}


def _tag(tag: dict[str, Any]) -> str:
    value = tag.get("value")
    shown = value if isinstance(value, str) else str(value).lower() if isinstance(value, (bool, int)) else ""
    return clean(f"{tag['key']}:{shown}" if shown not in {"", "true"} else tag["key"])
