"""How is lineage of columns told on a terminal: what was done to the data, and what shapes whole datasets?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.text import Text

SHAPES_MAX: Final = 20
_ARROW: Final = " shapes "


def done_to(edge: Mapping[str, Any]) -> str:
    """Tell the transformations of a column edge in a few words: `DIRECT/AGGREGATION masked, INDIRECT/JOIN`."""
    said = []
    for kind, subtype, masking in zip(edge["types"], edge["subtypes"], edge["maskings"], strict=True):
        name = "/".join(part for part in (kind, subtype) if part)
        said.append(" ".join(part for part in (name, "masked" if masking else "") if part))
    return ", ".join(part for part in said if part)


def shape_lines(shapes: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Tell which fields decide over whole datasets, the first ones, one line each."""
    if not shapes:
        return []
    lines = [Text("whole datasets are shaped (by filters, joins, sorts; not walked):", style="bold")]
    for edge in shapes[:SHAPES_MAX]:
        line = Text(f"  {edge['source']}{_ARROW}{edge['target']}", overflow="fold")
        line.append(f"  {done_to(edge)}".rstrip(), style="cyan")
        lines.append(line)
    if len(shapes) > SHAPES_MAX:
        lines.append(Text(f"  and {len(shapes) - SHAPES_MAX:,} more; --json lists them"))
    return lines
