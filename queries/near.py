"""Which names resemble one that is not there?

Found by prefixes of the key alone, so that the index answers, whatever the size of the graph. The engines
read a prefix without an order: asking for the least keys would read the whole range first.
"""

from __future__ import annotations

from typing import Final

from graph_schema.errors import NodeNotFound, StoreUnavailable, TimedOut
from graph_schema.identity import Key
from queries.statements import statement
from queries.store import GraphStore

NEAR_MAX: Final = 5
_READ_MAX: Final = 12
_LABELS: Final = frozenset({
    "dataset", "field", "job", "run", "person", "facet", "check", "experiment", "model", "deployment", "approval",
})  # fmt: skip
_SEPARATORS: Final = "./_-# :"


async def near_keys(store: GraphStore, key: Key) -> list[str]:
    """List up to five keys of the same kind that share the longest beginnings with the one asked for."""
    if key.kind not in _LABELS:
        return []
    rows = await store.read(statement(f"near/{key.kind}s"), **_beginnings(key), limit=_READ_MAX)
    found = {row["key"] for row in rows} - {key.text}
    lowered = key.text.lower()
    return sorted(found, key=lambda other: (-_shared(lowered, other.lower()), other))[:NEAR_MAX]


def _shared(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _beginnings(key: Key) -> dict[str, str]:
    """Give the key whole and cut: its last character, its name at a separator and in the middle, the rest."""
    text = key.text
    kind_end = text.index(":") + 1
    name_start = max(text.rfind("#" if key.kind == "field" else ":") + 1, kind_end)
    stem_end = max(text.rfind(mark, name_start, len(text) - 1) + 1 for mark in _SEPARATORS)
    return {
        "whole": text,
        "trimmed": text[: max(len(text) - 1, name_start)],
        "stem": text[: max(stem_end, name_start)],
        "half": text[: name_start + (len(text) - name_start) // 2],
        "beside": text[:name_start],
        "near": text[: kind_end + max((name_start - kind_end) // 2, 1)],
    }


async def not_found(store: GraphStore, key: Key) -> NodeNotFound:
    """Make the error for a key that names nothing, with names that resemble it and what to do next."""
    try:
        near = await near_keys(store, key)
    except (StoreUnavailable, TimedOut):
        near = []
    message = f"nothing here has the key {key.text[:300]}"
    if near:
        return NodeNotFound(f"{message}; did you mean {near[0][:300]}?", near=near, key=key.text)
    if not await store.read(statement("near/any_dataset")):
        return NodeNotFound(
            "the graph is empty; post OpenLineage events to /api/v1/lineage, or `headwater ingest FILE`",
            key=key.text,
        )
    return NodeNotFound(f"{message}, and no name like it; keys are exact, case included", key=key.text)
