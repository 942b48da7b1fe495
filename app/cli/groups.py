"""How is a rolled-up walk shown on a terminal? A table of groups, then the edges between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.cli.screen import console, counted, indented


def show_rollup(answer: Mapping[str, Any]) -> None:
    """Show the groups, nearest first, the edges between them, and how far that is all."""
    out = console()
    groups, edges = answer["groups"], answer["edges"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("depth", "nodes", "inside"):
        table.add_column(name, justify="right")
    table.add_column("group", overflow="fold")
    for group in groups:
        numbers = (f"{group[name]:,}" for name in ("depth", "nodes", "inside"))
        table.add_row(*numbers, Text(group["key"]))
    if groups:
        out.print(table)
    for edge in edges:
        out.print(indented(_line(edge), out))
    for line in _remarks(answer):
        out.print(Text(line, overflow="fold"))
    if answer["page_info"]["has_next_page"]:
        out.print(escape(f"there is more: --after {answer['page_info']['end_cursor']}"))


def _line(edge: Mapping[str, Any]) -> Text:
    line = Text(f"{edge['source']} → {edge['target']}")
    line.append(f"  {counted(edge['edges'], 'edge')}", style="cyan")
    if edge["via"]:
        line.append(f", {edge['via']:,} through what is hidden", style="dim")
    if edge["guesses"]:
        line.append(f"  ~{edge['guesses']:,} a guess", style="yellow")
    return line


def _remarks(answer: Mapping[str, Any]) -> list[str]:
    totals, done = answer["totals"], answer["completeness"]
    nodes, edges = counted(totals["nodes"], "node"), counted(totals["edges"], "edge")
    said = [f"in all {counted(totals['groups'], 'group')} of {nodes} and {edges}"]
    if done["truncated_by"]:
        said.append(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
    return said
