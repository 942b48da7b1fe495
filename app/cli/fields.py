"""How are the columns of a whole table shown on a terminal? A table: each column, and what lies on its two sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from app.cli.columns import done_to, shape_lines
from app.cli.screen import console, counted

_SIDES: Final = (("sources", "source", "←"), ("targets", "target", "→"))


def show_fields(answer: Mapping[str, Any]) -> None:
    """Show the columns of a table, then what shapes whole datasets, then how far that is all."""
    out = console()
    rows, done, page = answer["fields"], answer["completeness"], answer["page_info"]
    if rows:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("column", overflow="fold")
        table.add_column("", no_wrap=True)
        table.add_column("other column", overflow="fold")
        table.add_column("done to it", overflow="fold")
        for row in rows:
            _add(table, row)
        out.print(table)
    else:
        out.print(Text(f"no columns of {answer['dataset']['key']} are known", overflow="fold"))
    for line in shape_lines([*answer["shaped_by"], *answer["shapes"]]):
        out.print(line)
    if rows:
        numbers = (sum(len(row[side]) for row in rows) for side, _, _ in _SIDES)
        upstream, downstream = (counted(number, "edge") for number in numbers)
        out.print(f"{counted(len(rows), 'column')}, {upstream} upstream, {downstream} downstream")
    if done["truncated_by"]:
        out.print(f"cut by a limit of the server: {', '.join(done['truncated_by'])}")
    if page["has_next_page"]:
        out.print(escape(f"there is more: --after {page['end_cursor']}"))


def _add(table: Table, row: Mapping[str, Any]) -> None:
    """Add a column's rows: its name stands on the first of them."""
    field = row["field"]
    name = Text(field["path"])
    name.append(f" {field['data_type']}" if field["data_type"] else "", style="dim")
    name.append("  not current" if field["current"] is False else "", style="red")
    begin = name
    for side, end, arrow in _SIDES:
        for edge in row[side]:
            far = edge[end]
            near = edge["target" if end == "source" else "source"]
            through = "" if near == field["key"] else f"  (by way of {near})"
            table.add_row(
                begin, arrow, Text(far).append(through, style="dim"), Text(done_to(edge), style="magenta")
            )
            begin = Text()
    if begin is name:
        table.add_row(name, "", "", "")
