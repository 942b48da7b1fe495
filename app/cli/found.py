"""How is what was found shown on a terminal? A table of kinds and keys, then how to go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.cli.screen import console, counted


def show_found(answer: Mapping[str, Any]) -> None:
    """Show what was found, best first, and whether that is all."""
    out = console()
    rows, page, done = answer["nodes"], answer["page_info"], answer["completeness"]
    if rows:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("kind", no_wrap=True)
        table.add_column("key", overflow="fold")
        for row in rows:
            text = Text(row["key"])
            if row.get("live") is False:
                text.append("  dropped", style="red")
            table.add_row(row["kind"], text)
        out.print(table)
    else:
        empty = done["position"] == "0"
        out.print("the graph is empty; `headwater ingest FILE`" if empty else "nothing has all these words")
    if rows:
        out.print(f"{counted(len(rows), 'node')} found")
    if done["truncated_by"]:
        out.print("too many nodes have these words to look at them all: add rarer ones")
    if page["has_next_page"]:
        out.print(escape(f"there is more: --after {page['end_cursor']}"))
