"""How is it told how a source is, how far its reading is, and what came of it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer

from app.cli.telling import write_json
from app.errors import UNAVAILABLE

SHOWN: Final = ("projects", "things", "requests", "events", "duplicates", "refused")
"""What of an outcome is counted on a terminal, where it is there."""


def check_source(home: Path, name: str, *, as_json: bool) -> None:
    """Show how the process is that reads a source; ends with 3 where it is not up."""
    from app.sources import standing_of

    standing = standing_of(home, name)
    if as_json:
        write_json(standing)
    else:
        from app.cli.screen import console
        from app.cli.standings import show_standings

        show_standings(console(), {name: standing})
    if not standing["up"]:
        raise typer.Exit(UNAVAILABLE)


@contextmanager
def counting() -> Iterator[Callable[[int, str | None], object]]:
    """Show how many events there are so far and, where something is in the way, what."""
    from app.cli.bars import bars

    with bars() as bar:
        task = bar.add_task("events", total=None)

        def say(events: int, why: str | None) -> None:
            bar.update(
                task, description="events" if why is None else f"waiting: {why[:40]}", completed=events
            )

        yield say


def show_read(done: Mapping[str, Any], *, as_json: bool) -> None:
    """Show what came of a reading."""
    if as_json:
        write_json(done)
        return
    from rich.table import Table
    from rich.text import Text

    from app.cli.screen import console

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = [name for name in SHOWN if name in done]
    for name in names:
        table.add_column("new events" if name == "events" else name, justify="right")
    table.add_row(*(f"{done[name]:,}" for name in names))
    out.print(table)
    out.print(Text(f"from {done['address']}", overflow="fold"))
    for line in done["notes"]:
        out.print(Text(line, overflow="fold"))
